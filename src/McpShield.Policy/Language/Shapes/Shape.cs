namespace McpShield.Policy.Language.Shapes;

/// <summary>
/// What a node of a policy may be. One declaration serves twice: <see cref="ShapeChecker"/> reads policies by it and
/// <see cref="SchemaWriter"/> tells editors of it, so that the two cannot drift apart.
/// </summary>
internal abstract record Shape
{
    public static Shape Flag { get; } = new FlagShape();

    public static Shape Text { get; } = new TextShape();

    /// <summary>A string, number, boolean or null.</summary>
    public static Shape Literal { get; } = new LiteralShape();

    /// <summary>A decimal number.</summary>
    public static Shape Number { get; } = new NumberShape();

    /// <summary>Strings; one alone means a list of one.</summary>
    public static Shape Texts { get; } = new ListShape(Text);

    /// <summary>Anything at all: it is read elsewhere.</summary>
    public static Shape Anything { get; } = new AnyShape();

    public static Shape Integer(long min, long max) => new IntegerShape(min, max);

    public static Shape Matching(string pattern) => new TextShape(pattern);

    public static Shape Word(params string[] words) => new WordShape(words);

    public static Shape Words(params string[] words) => new ListShape(Word(words));

    public static MapShape Map(string what, params Field[] fields) => new(what, fields);
}

internal sealed record FlagShape : Shape;

internal sealed record AnyShape : Shape;

internal sealed record LiteralShape : Shape;

internal sealed record NumberShape : Shape;

/// <summary>A string that is not empty. The pattern is advice for editors; what it asks is checked where the string is read, in better words.</summary>
internal sealed record TextShape(string? Pattern = null) : Shape;

/// <summary>A decimal integer.</summary>
internal sealed record IntegerShape(long Min, long Max) : Shape;

/// <summary>The version of the language.</summary>
internal sealed record VersionShape(long Known) : Shape;

/// <summary>One of a closed list.</summary>
internal sealed record WordShape(IReadOnlyList<string> Known) : Shape;

/// <summary>A list. Unless it may be empty, one item alone means a list of one.</summary>
internal sealed record ListShape(Shape Item, bool MayBeEmpty = false, int MaxItems = int.MaxValue) : Shape;

/// <summary>Either a mapping of its own form, or the plain form.</summary>
internal sealed record EitherShape(Shape Mapping, Shape Plain) : Shape;

/// <summary>A mapping from names of the author's own choice.</summary>
internal sealed record NamesShape(string What, Shape Value) : Shape;

/// <summary>A shape with a name: where shapes nest in themselves, and where the schema had better not repeat them.</summary>
internal sealed record NamedShape(string Name, Func<Shape> Get) : Shape;

/// <summary>A mapping of known keys.</summary>
/// <param name="What">How it is called in a sentence: <c>a rule</c>.</param>
/// <param name="Fields">Its keys.</param>
internal sealed record MapShape(string What, IReadOnlyList<Field> Fields) : Shape
{
    /// <summary>Whether it may hold no key at all.</summary>
    public bool MayBeEmpty { get; init; }

    /// <summary>What to write when it holds nothing.</summary>
    public string? EmptyHint { get; init; }

    /// <summary>At least one of these must be there; none named: no such demand.</summary>
    public IReadOnlyList<string> NeedsOneOf { get; init; } = [];

    /// <summary>Keys of the language that this version does not carry out.</summary>
    public IReadOnlyList<string> Later { get; init; } = [];
}

/// <summary>One key of a mapping.</summary>
/// <param name="Name">The key.</param>
/// <param name="Shape">Its value.</param>
/// <param name="About">What it means, for an editor's hover.</param>
internal sealed record Field(string Name, Shape Shape, string About)
{
    public bool IsRequired { get; init; }

    /// <summary>What to write when it is missing.</summary>
    public string? MissingHint { get; init; }

    /// <summary>A key that must stand beside it.</summary>
    public string? Needs { get; init; }
}
