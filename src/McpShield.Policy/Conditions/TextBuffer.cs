using System.Buffers;
using System.Text;
using McpShield.Policy.Json;

namespace McpShield.Policy.Conditions;

/// <summary>Room for the texts of one call as characters, used again for the next call.</summary>
internal sealed class TextBuffer
{
    private const int Initial = 256;
    private const int MaxKept = 64 * 1024;

    private char[] characters = new char[Initial];
    private int used;

    /// <summary>The text of <paramref name="value"/>, a string. Valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<char> Read(JsonView value)
    {
        if (!value.TryGetUnescaped(out var utf8)) return value.GetString().AsMemory();

        // UTF-8 never has fewer bytes than UTF-16 has units. Who holds a text of the smaller array keeps that array alive.
        if (characters.Length - used < utf8.Length) (characters, used) = (new char[Math.Max(characters.Length * 2, utf8.Length)], 0);
        if (Ascii.ToUtf16(utf8, characters.AsSpan(used), out var length) is not OperationStatus.Done) length = Encoding.UTF8.GetChars(utf8, characters.AsSpan(used));
        var text = characters.AsMemory(used, length);
        used += length;
        return text;
    }

    public void Clear()
    {
        // THREAT: what one call said must not be there to be read during the next.
        characters.AsSpan(0, used).Clear();
        used = 0;
        if (characters.Length > MaxKept) characters = new char[Initial];
    }
}
