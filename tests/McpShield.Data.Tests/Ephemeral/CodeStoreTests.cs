using McpShield.Data.Ephemeral;

namespace McpShield.Data.Tests.Ephemeral;

/// <summary>A code is good once, for a while, and for five tries.</summary>
public sealed class CodeStoreTests
{
    private static readonly byte[] Right = [.. Enumerable.Repeat((byte)7, 32)];
    private static readonly byte[] Wrong = [.. Enumerable.Repeat((byte)8, 32)];
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task Of_right_tries_at_once_exactly_one_wins(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await stores.One.Codes.PutAsync("verify", stores.Name, Right, Lifetime, Ct);

        var uses = await stores.AtOnceAsync(20, one => one.Codes.TryUseAsync("verify", stores.Name, Right, Ct));

        Assert.Equal(1, uses.Count(static use => use is CodeUse.Right));
        Assert.Equal(19, uses.Count(static use => use is CodeUse.Void));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task After_five_wrong_tries_the_right_code_is_void(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await stores.One.Codes.PutAsync("verify", stores.Name, Right, Lifetime, Ct);

        for (var i = 0; i < ICodeStore.MaxTries; i++) Assert.Equal(CodeUse.Wrong, await UseAsync(stores, Wrong));

        Assert.Equal(CodeUse.Void, await UseAsync(stores, Right));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task The_fifth_try_may_be_the_right_one(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await stores.One.Codes.PutAsync("verify", stores.Name, Right, Lifetime, Ct);

        for (var i = 0; i < ICodeStore.MaxTries - 1; i++) Assert.Equal(CodeUse.Wrong, await UseAsync(stores, Wrong));

        Assert.Equal(CodeUse.Right, await UseAsync(stores, Right));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_new_code_replaces_the_old_one_with_its_tries(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await stores.One.Codes.PutAsync("verify", stores.Name, Wrong, Lifetime, Ct);
        for (var i = 0; i < ICodeStore.MaxTries - 1; i++) Assert.Equal(CodeUse.Wrong, await UseAsync(stores, Right));

        await stores.Other.Codes.PutAsync("verify", stores.Name, Right, Lifetime, Ct);

        Assert.Equal(CodeUse.Wrong, await UseAsync(stores, Wrong));
        Assert.Equal(CodeUse.Right, await UseAsync(stores, Right));
    }

    [Theory, MemberData(nameof(Stores.Kinds), MemberType = typeof(Stores))]
    public async Task A_code_is_good_for_its_purpose_and_its_address_until_it_expires(string kind)
    {
        await using var stores = await Stores.OpenAsync(kind);
        await stores.One.Codes.PutAsync("verify", stores.Name, Right, Lifetime, Ct);

        Assert.Equal(CodeUse.Void, await stores.One.Codes.TryUseAsync("reset", stores.Name, Right, Ct));
        Assert.Equal(CodeUse.Void, await stores.One.Codes.TryUseAsync("verify", stores.Name + "x", Right, Ct));
        stores.Clock.Advance(Lifetime);
        Assert.Equal(CodeUse.Void, await UseAsync(stores, Right));
    }

    private static Task<CodeUse> UseAsync(Stores stores, byte[] digest) => stores.One.Codes.TryUseAsync("verify", stores.Name, digest, Ct);
}
