using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace McpShield.Data.Secrets;

/// <summary>Encrypts what the database must not show to its own readers, such as the passwords of connections.</summary>
/// <remarks>
/// An envelope: each value has a key of its own, which is encrypted under the data key. In front stands which data key that was, so that
/// another can take its place: what the old one sealed is still read, and sealed anew when it is written. THREAT: who can write into the
/// database moves a ciphertext to a row they may read; so each is bound to its table and row, and opens nowhere else.
/// </remarks>
public sealed class DataKey : IDisposable
{
    /// <summary>The variable that holds it.</summary>
    public const string Variable = "MCPSHIELD_DATA_KEY";

    private const byte Version = 1;
    private const int KeyBytes = 32;
    private const int IdBytes = 8;
    private const int WrappedBytes = 12 + KeyBytes + 16;
    private const int HeaderBytes = 1 + IdBytes;

    private readonly Dictionary<ulong, AesGcm> keys;
    private readonly ulong current;

    private DataKey(Dictionary<ulong, AesGcm> keys, ulong current) => (this.keys, this.current) = (keys, current);

    /// <summary>Reads keys of 256 bits in base64: the one that seals, and older ones that only open.</summary>
    /// <exception cref="FormatException">One of them is no such key; the message is for the operator and shows nothing of it.</exception>
    public static DataKey Parse(string current, IEnumerable<string> old)
    {
        var keys = new Dictionary<ulong, AesGcm>();
        ulong? first = null;
        foreach (var text in (string[])[current, .. old])
        {
            var key = Read(text);
            var id = IdOf(key);
            if (!keys.ContainsKey(id)) keys[id] = SealedBox.NewCipher(key);
            CryptographicOperations.ZeroMemory(key);
            first ??= id;
        }

        return new(keys, first!.Value);
    }

    /// <summary>A new key, as the variable holds it.</summary>
    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes));

    /// <summary>Seals a value for its place.</summary>
    public byte[] Protect(ReadOnlySpan<byte> plain, string table, Guid row)
    {
        var bound = Place(table, row);
        Span<byte> own = stackalloc byte[KeyBytes];
        RandomNumberGenerator.Fill(own);
        using var cipher = SealedBox.NewCipher(own);
        var header = new byte[HeaderBytes];
        header[0] = Version;
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(1), current);
        byte[] box = [.. header, .. SealedBox.Seal(keys[current], own, bound), .. SealedBox.Seal(cipher, plain, bound)];
        CryptographicOperations.ZeroMemory(own);
        return box;
    }

    /// <summary>What was sealed for this place.</summary>
    /// <exception cref="CryptographicException">It was altered or moved, or its key is none of those given.</exception>
    public byte[] Unprotect(ReadOnlySpan<byte> box, string table, Guid row)
    {
        if (box.Length < HeaderBytes + WrappedBytes || box[0] != Version) throw new CryptographicException("the value is not one that MCPShield has sealed");
        if (!keys.TryGetValue(KeyOf(box), out var key)) throw new CryptographicException($"the value was sealed under a key that is not given: put the former {Variable} among the old keys");
        var bound = Place(table, row);
        var own = SealedBox.TryOpen(key, box.Slice(HeaderBytes, WrappedBytes), bound) ?? throw Altered();
        using var cipher = SealedBox.NewCipher(own);
        CryptographicOperations.ZeroMemory(own);
        return SealedBox.TryOpen(cipher, box[(HeaderBytes + WrappedBytes)..], bound) ?? throw Altered();
    }

    /// <summary>Whether it was sealed under an old key.</summary>
    public bool NeedsRotation(ReadOnlySpan<byte> box) => box.Length < HeaderBytes || KeyOf(box) != current;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in keys.Values) key.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => "***";

    private static CryptographicException Altered() => new("the value was altered, or belongs to another row");

    private static byte[] Read(string text)
    {
        var key = new byte[KeyBytes];
        if (Convert.TryFromBase64String(text.Trim(), key, out var written) && written == KeyBytes) return key;
        throw new FormatException($"{Variable} is not a key: it takes 256 random bits in base64, as `openssl rand -base64 32` writes them");
    }

    // Names a key and tells nothing of it.
    private static ulong IdOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(HMACSHA256.HashData(key, "mcpshield data key id"u8));

    private static ulong KeyOf(ReadOnlySpan<byte> box) => BinaryPrimitives.ReadUInt64BigEndian(box[1..]);

    private static byte[] Place(string table, Guid row) => Encoding.UTF8.GetBytes($"{table}/{row:N}");
}
