using System.Security.Cryptography;
using System.Text;
using McpShield.Data.Secrets;

namespace McpShield.Data.Tests.Secrets;

/// <summary>A sealed value opens in its place, under its key, unaltered.</summary>
public sealed class DataKeyTests
{
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("Host=db;Password=hunter2");
    private static readonly Guid Row = Guid.CreateVersion7(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_value_comes_back_and_is_never_sealed_the_same_way_twice()
    {
        using var key = DataKey.Parse(DataKey.Create(), []);

        var (one, two) = (key.Protect(Plain, "connections", Row), key.Protect(Plain, "connections", Row));

        Assert.Equal(Plain, key.Unprotect(one, "connections", Row));
        Assert.NotEqual(one, two);
        Assert.Empty(key.Unprotect(key.Protect([], "connections", Row), "connections", Row));
    }

    [Fact]
    public void A_value_that_was_moved_or_altered_anywhere_does_not_open()
    {
        using var key = DataKey.Parse(DataKey.Create(), []);
        var box = key.Protect(Plain, "connections", Row);

        Assert.Throws<CryptographicException>(() => key.Unprotect(box, "upstreams", Row));
        Assert.Throws<CryptographicException>(() => key.Unprotect(box, "connections", Guid.Empty));
        for (var i = 0; i < box.Length; i++)
        {
            var altered = box.ToArray();
            altered[i] ^= 1;
            Assert.Throws<CryptographicException>(() => key.Unprotect(altered, "connections", Row));
            Assert.Throws<CryptographicException>(() => key.Unprotect(box.AsSpan(0, i), "connections", Row));
        }
    }

    [Fact]
    public void A_new_key_opens_what_the_old_one_sealed_as_long_as_that_is_given()
    {
        var (old, current) = (DataKey.Create(), DataKey.Create());
        using var before = DataKey.Parse(old, []);
        using var after = DataKey.Parse(current, [old]);
        using var later = DataKey.Parse(current, []);
        var box = before.Protect(Plain, "connections", Row);

        Assert.Equal(Plain, after.Unprotect(box, "connections", Row));
        Assert.True(after.NeedsRotation(box));
        Assert.Contains("old keys", Assert.Throws<CryptographicException>(() => later.Unprotect(box, "connections", Row)).Message, StringComparison.Ordinal);

        var rotated = after.Protect(after.Unprotect(box, "connections", Row), "connections", Row);
        Assert.False(after.NeedsRotation(rotated));
        Assert.Equal(Plain, later.Unprotect(rotated, "connections", Row));
    }

    [Theory]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64 at all, though it is long enough to be")]
    public void What_is_no_key_is_refused_with_the_name_of_the_variable(string text)
    {
        var refused = Assert.Throws<FormatException>(() => DataKey.Parse(text, []));
        Assert.Contains(DataKey.Variable, refused.Message, StringComparison.Ordinal);
        if (text.Length > 0) Assert.DoesNotContain(text, refused.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => DataKey.Parse(DataKey.Create(), [text]));
    }

    [Fact]
    public void A_key_shows_nothing_of_itself()
    {
        using var key = DataKey.Parse(DataKey.Create(), []);
        Assert.Equal("***", key.ToString());
    }
}
