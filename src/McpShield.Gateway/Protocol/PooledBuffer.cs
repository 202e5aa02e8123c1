using System.Buffers;

namespace McpShield.Gateway.Protocol;

/// <summary>A message being written into rented memory; given back when the answer has left.</summary>
internal sealed class PooledBuffer(int capacity = 512) : IBufferWriter<byte>, IDisposable
{
    private byte[] rented = ArrayPool<byte>.Shared.Rent(capacity);
    private int written;

    public ReadOnlyMemory<byte> Written => rented.AsMemory(0, written);

    public void Advance(int count) => written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return rented.AsMemory(written);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        if (rented.Length == 0) return;
        ArrayPool<byte>.Shared.Return(rented);
        rented = [];
        written = 0;
    }

    private void Grow(int more)
    {
        if (rented.Length - written >= more) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(rented.Length * 2, written + more));
        rented.AsSpan(0, written).CopyTo(larger);
        if (rented.Length > 0) ArrayPool<byte>.Shared.Return(rented);
        rented = larger;
    }
}
