using McpShield.Data.Secrets;

namespace McpShield.Data.Tests.Secrets;

/// <summary>Passwords are kept as Argon2id hashes.</summary>
public sealed class PasswordsTests
{
    private static readonly string Known = Passwords.Hash("correct horse battery staple");

    [Fact]
    public void A_password_opens_its_own_hash_and_no_other()
    {
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", Known, StringComparison.Ordinal);
        Assert.True(Passwords.Verify(Known, "correct horse battery staple"));
        Assert.False(Passwords.Verify(Known, "correct horse battery stapler"));
        Assert.False(Passwords.Verify(Known, ""));
    }

    [Fact]
    public void The_same_password_is_kept_in_another_way_each_time() => Assert.NotEqual(Known, Passwords.Hash("correct horse battery staple"));

    [Theory]
    [InlineData("")]
    [InlineData("not a hash")]
    [InlineData("$2b$12$abcdefghijklmnopqrstuv")]
    [InlineData("$argon2id$v=19$m=19456,t=2,p=1$")]
    public void What_is_no_hash_opens_for_nobody(string hash)
    {
        Assert.False(Passwords.Verify(hash, "correct horse battery staple"));
        Assert.True(Passwords.NeedsRehash(hash));
    }

    [Fact]
    public void A_hash_of_weaker_numbers_is_to_be_made_anew()
    {
        Assert.False(Passwords.NeedsRehash(Known));
        Assert.True(Passwords.NeedsRehash(Known.Replace("m=19456", "m=8192", StringComparison.Ordinal)));
        Assert.True(Passwords.NeedsRehash(Known.Replace("t=2", "t=1", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_password_that_is_too_long_is_refused_and_opens_nothing()
    {
        Assert.Throws<ArgumentException>(static () => Passwords.Hash(new string('x', Passwords.MaxBytes + 1)));
        Assert.False(Passwords.Verify(Known, new string('\u20ac', Passwords.MaxBytes)));
    }

    [Fact]
    public void Where_there_is_no_user_the_work_is_done_all_the_same() => Passwords.VerifyNobody("correct horse battery staple");
}
