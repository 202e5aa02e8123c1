using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace McpShield.Mutate;

/// <summary>Puts every mutant of a file behind a switch: <c>(MutantSwitch.Is(7) ? a &lt;= b : a &lt; b)</c>. So one assembly holds them all.</summary>
internal sealed class MutantRewriter(SemanticModel model, string file, IReadOnlySet<string> refused, List<Mutant> mutants) : CSharpSyntaxRewriter
{
    private static readonly Dictionary<SyntaxKind, string[]> Operators = new()
    {
        [SyntaxKind.LessThanExpression] = ["<=", ">="],
        [SyntaxKind.LessThanOrEqualExpression] = ["<", ">"],
        [SyntaxKind.GreaterThanExpression] = [">=", "<="],
        [SyntaxKind.GreaterThanOrEqualExpression] = [">", "<"],
        [SyntaxKind.EqualsExpression] = ["!="],
        [SyntaxKind.NotEqualsExpression] = ["=="],
        [SyntaxKind.LogicalAndExpression] = ["||"],
        [SyntaxKind.LogicalOrExpression] = ["&&"],
        [SyntaxKind.AddExpression] = ["-"],
        [SyntaxKind.SubtractExpression] = ["+"],
        [SyntaxKind.MultiplyExpression] = ["/"],
        [SyntaxKind.DivideExpression] = ["*"],
        [SyntaxKind.ModuloExpression] = ["*"],
        [SyntaxKind.BitwiseAndExpression] = ["|"],
        [SyntaxKind.BitwiseOrExpression] = ["&"],
        [SyntaxKind.LeftShiftExpression] = [">>"],
        [SyntaxKind.RightShiftExpression] = ["<<"],
    };

    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["Truth.True"] = ["Truth.False", "Truth.Error"],
        ["Truth.False"] = ["Truth.True", "Truth.Error"],
        ["Truth.Error"] = ["Truth.True", "Truth.False"],
        ["Outcome.Deny"] = ["Outcome.Allow"],
        ["Outcome.Allow"] = ["Outcome.Deny"],
        ["Reason.InvalidRequest"] = ["Reason.EvaluationError"],
        ["Reason.Default"] = ["Reason.Rule"],
        ["Reason.Rule"] = ["Reason.Default"],
        ["StringComparison.Ordinal"] = ["StringComparison.OrdinalIgnoreCase"],
        ["StringComparison.OrdinalIgnoreCase"] = ["StringComparison.Ordinal"],
        ["Kleene.And"] = ["Kleene.Or"],
        ["Kleene.Or"] = ["Kleene.And"],
        ["Math.Min"] = ["Math.Max"],
        ["Math.Max"] = ["Math.Min"],
        ["Int128.Max"] = ["Int128.Min"],
    };

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var visited = (BinaryExpressionSyntax)base.VisitBinaryExpression(node)!;
        if (!Operators.TryGetValue(node.Kind(), out var others) || IsFixed(node) || model.GetTypeInfo(node).Type?.SpecialType is SpecialType.System_String) return visited;
        // Only one mutant is awake, so what is inside stands there as it was written.
        return Choose(node, visited, "operator", others.Select(other => (
            $"{node.Left} {other} {node.Right}", $"({node.Left}) {other} ({node.Right})")));
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        var visited = (PrefixUnaryExpressionSyntax)base.VisitPrefixUnaryExpression(node)!;
        if (!node.IsKind(SyntaxKind.LogicalNotExpression) || IsFixed(node)) return visited;
        return Choose(node, visited, "not", [(node.Operand.ToString(), node.Operand.ToString())]);
    }

    public override SyntaxNode? VisitIsPatternExpression(IsPatternExpressionSyntax node)
    {
        var visited = (IsPatternExpressionSyntax)base.VisitIsPatternExpression(node)!;
        return IsFixed(node) ? visited : Choose(node, visited, "is", Patterns(node).Prepend(($"!({node})", $"!({node})")));
    }

    // The bounds of a pattern one further, and each alternative left out.
    private static IEnumerable<(string, string)> Patterns(IsPatternExpressionSyntax node)
    {
        foreach (var part in node.Pattern.DescendantNodesAndSelf())
        {
            string[] others = part switch
            {
                RelationalPatternSyntax bound => [$"{bound.OperatorToken.Text switch { "<" => "<=", "<=" => "<", ">" => ">=", _ => ">" }} {bound.Expression}"],
                BinaryPatternSyntax two when two.IsKind(SyntaxKind.OrPattern) => [$"{two.Left}", $"{two.Right}"],
                BinaryPatternSyntax two => [$"({two.Left} or {two.Right})"],
                _ => [],
            };
            foreach (var other in others)
            {
                var code = node.ToString();
                var changed = code[..(part.SpanStart - node.SpanStart)] + other + code[(part.Span.End - node.SpanStart)..];
                yield return (changed, changed);
            }
        }
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        if (IsFixed(node)) return node;
        if (node.IsKind(SyntaxKind.TrueLiteralExpression)) return Choose(node, node, "flag", [("false", "false")]);
        if (node.IsKind(SyntaxKind.FalseLiteralExpression)) return Choose(node, node, "flag", [("true", "true")]);
        if (node.Token.Value is int number && model.GetTypeInfo(node).ConvertedType?.SpecialType is SpecialType.System_Int32 or SpecialType.System_Int64)
        {
            return Choose(node, node, "number", [($"{number + 1}", $"{number + 1}"), ($"{number - 1}", $"({number - 1})")]);
        }

        return node;
    }

    public override SyntaxNode? VisitMemberAccessExpression(MemberAccessExpressionSyntax node)
    {
        if (IsFixed(node) || !Words.TryGetValue(node.ToString(), out var others)) return base.VisitMemberAccessExpression(node);
        // A sign has no other case to be told apart from.
        if (node.Parent is ArgumentSyntax { Parent: ArgumentListSyntax given } && node.ToString().StartsWith("StringComparison.", StringComparison.Ordinal)
            && given.Arguments[0].Expression is LiteralExpressionSyntax sign && !sign.Token.ValueText.Any(char.IsLetter)) return node;

        // Of a method its name is exchanged where it is called.
        return node.Parent is InvocationExpressionSyntax ? node : Choose(node, node, "word", others.Select(static other => (other, other)));
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var visited = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (IsFixed(node)) return visited;
        if (node.Expression is MemberAccessExpressionSyntax && Words.TryGetValue(node.Expression.ToString(), out var others))
        {
            return Choose(node, visited, "word", others.Select(other => ($"{other}{node.ArgumentList}", $"{other}{node.ArgumentList}")));
        }

        // A question by itself: the answer turned round.
        var isCondition = node.Parent is IfStatementSyntax or WhileStatementSyntax or ConditionalExpressionSyntax or ReturnStatementSyntax or ArrowExpressionClauseSyntax;
        return isCondition && model.GetTypeInfo(node).Type?.SpecialType is SpecialType.System_Boolean ? Choose(node, visited, "negate", [($"!{node}", $"!{node}")]) : visited;
    }

    public override SyntaxNode? VisitIfStatement(IfStatementSyntax node)
    {
        var visited = (IfStatementSyntax)base.VisitIfStatement(node)!;
        return visited.WithCondition(Turn(node.Condition, visited.Condition));
    }

    public override SyntaxNode? VisitConditionalExpression(ConditionalExpressionSyntax node)
    {
        var visited = (ConditionalExpressionSyntax)base.VisitConditionalExpression(node)!;
        return visited.WithCondition(Turn(node.Condition, visited.Condition));
    }

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node) => Drop(node, base.VisitExpressionStatement(node));

    // A value that is not returned must be followed by another.
    public override SyntaxNode? VisitReturnStatement(ReturnStatementSyntax node) =>
        node.Expression is null || node.Parent is IfStatementSyntax { Else: null } or BlockSyntax { Parent: IfStatementSyntax { Else: null } or CommonForEachStatementSyntax or ForStatementSyntax or WhileStatementSyntax }
            ? Drop(node, base.VisitReturnStatement(node))
            : base.VisitReturnStatement(node);

    public override SyntaxNode? VisitContinueStatement(ContinueStatementSyntax node) => Drop(node, base.VisitContinueStatement(node));

    public override SyntaxNode? VisitBreakStatement(BreakStatementSyntax node) => node.Parent is SwitchSectionSyntax ? node : Drop(node, base.VisitBreakStatement(node));

    // A condition that names a variable cannot stand twice, but it can be turned round where it stands.
    private ExpressionSyntax Turn(ExpressionSyntax node, ExpressionSyntax visited)
    {
        if (IsFixed(node) || !Names(node)) return visited;
        return TryAdd(node, "turn", node.ToString(), $"!({node})", out var number, mayName: true)
            ? SyntaxFactory.ParseExpression($"(global::McpShield.Policy.MutantSwitch.Is({number}) ^ ({visited.WithoutTrivia().ToFullString()}))").WithTriviaFrom(node)
            : visited;
    }

    private static bool Names(SyntaxNode node) => node.DescendantNodesAndSelf().Any(static below => below is SingleVariableDesignationSyntax);

    private SyntaxNode? Drop(StatementSyntax node, SyntaxNode? visited)
    {
        if (IsFixed(node) || !TryAdd(node, "drop", node.ToString(), "", out var number)) return visited;
        return SyntaxFactory.ParseStatement($"{{ if (!global::McpShield.Policy.MutantSwitch.Is({number})) {{ {visited!.WithoutTrivia().ToFullString()} }} }}").WithTriviaFrom(node);
    }

    private ExpressionSyntax Choose(ExpressionSyntax node, ExpressionSyntax visited, string kind, IEnumerable<(string Shown, string Code)> others)
    {
        var code = visited.WithoutTrivia().ToFullString();
        var isChanged = false;
        foreach (var (shown, other) in others)
        {
            if (!TryAdd(node, kind, node.ToString(), shown, out var number)) continue;
            code = $"(global::McpShield.Policy.MutantSwitch.Is({number}) ? ({other}) : {code})";
            isChanged = true;
        }

        return isChanged ? SyntaxFactory.ParseExpression(code).WithTriviaFrom(node) : visited;
    }

    private bool TryAdd(SyntaxNode node, string kind, string before, string after, out int number, bool mayName = false)
    {
        number = mutants.Count + 1;

        // What names a variable can neither stand twice nor in a block of its own.
        if (!mayName && Names(node)) return false;
        var line = node.GetLocation().GetLineSpan().StartLinePosition;
        var place = $"{file}:{line.Line}:{line.Character}:{kind}:{after}";
        // What cannot be compiled with the switch around it, such as a pattern that names what follows, is left out.
        if (refused.Contains(place)) return false;
        var mutant = new Mutant(number, file, line.Line + 1, kind, OneLine(before), OneLine(after)) { Place = place, Member = Member(node) };
        mutants.Add(mutant with { Nth = mutants.Count(other => other.File == file && other.Member == mutant.Member && other.Before == mutant.Before && other.After == mutant.After) + 1 });
        return true;
    }

    private static string Member(SyntaxNode node) => node.Ancestors().Select(static above => above switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        _ => null,
    }).FirstOrDefault(static name => name is not null) ?? "";

    private static string OneLine(string code) => string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // What is worked out once when the program starts, or when it is compiled, no switch reaches. Reading and describing policies is the loader's.
    private static bool IsFixed(SyntaxNode node) => node.Ancestors().Any(static above => above switch
    {
        AttributeSyntax or PatternSyntax or CaseSwitchLabelSyntax or EnumMemberDeclarationSyntax or ParameterSyntax => true,
        FieldDeclarationSyntax field => field.Modifiers.Any(SyntaxKind.StaticKeyword) || field.Modifiers.Any(SyntaxKind.ConstKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        PropertyDeclarationSyntax { Initializer: not null } property => property.Modifiers.Any(SyntaxKind.StaticKeyword),
        ConstructorDeclarationSyntax constructor => constructor.Modifiers.Any(SyntaxKind.StaticKeyword),
        _ => false,
    });
}
