namespace McpShield.Policy.Unicode;

/// <summary>One number a code point, in two steps: an index of blocks, and the blocks, each kept once.</summary>
internal readonly struct CodePointTrie(int shift, ushort[] index, ushort[] data)
{
    public int this[int codePoint] => data[(index[codePoint >> shift] << shift) | (codePoint & ((1 << shift) - 1))];
}
