using System.Text;
using McpShield.Policy.Unicode;

namespace McpShield.Policy.Asking;

/// <summary>Whether a text asks for something that a person must never type into a form. A list of words: it finds the plain cases, not every trick.</summary>
internal static class SecretWords
{
    // Found anywhere, spaces and punctuation aside.
    private static readonly string[] Phrases =
    [
        "password", "passwd", "passphrase", "passcode", "apikey", "accesskey", "secretkey", "privatekey", "accesstoken", "refreshtoken", "clientsecret",
        "credential", "creditcard", "debitcard", "cardnumber", "cardno", "securitycode", "verificationcode", "onetimecode", "seedphrase", "recoverycode",
        "recoveryphrase", "mnemonic", "socialsecurity", "passwort", "kennwort", "motdepasse", "contrasena", "contraseña", "wachtwoord", "пароль", "密码", "密碼",
        "パスワード", "暗証番号", "비밀번호",
    ];

    // Found as a word of their own only: "pin" is in "opinion".
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "pin", "pins", "token", "tokens", "secret", "secrets", "card", "cards", "cvv", "cvv2", "cvc", "otp", "totp", "pwd", "pass", "pw", "ssn", "jwt", "bearer", "senha", "clave", "hasło",
    };

    /// <summary>Whether a name or title says so, by a word or a phrase.</summary>
    public static bool AreIn(string name) => HasPhrase(name) || Split(name).Any(word => Words.Contains(Squeeze(word)));

    /// <summary>Whether a sentence says so, by a phrase.</summary>
    public static bool HasPhrase(string text)
    {
        var squeezed = Squeeze(text);
        return Phrases.Any(phrase => squeezed.Contains(phrase, StringComparison.Ordinal));
    }

    // THREAT: `p4ss_w0rd`. Letters only, folded, digits that stand for letters read as such.
    private static string Squeeze(string text)
    {
        var squeezed = new StringBuilder(text.Length);
        foreach (var one in UnicodeText.FoldForComparison(text))
        {
            var letter = one switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', _ => one };
            if (char.IsLetterOrDigit(letter)) squeezed.Append(letter);
        }

        return squeezed.ToString();
    }

    private static IEnumerable<string> Split(string name)
    {
        var start = 0;
        for (var at = 1; at <= name.Length; at++)
        {
            var ends = at == name.Length
                || IsLetter(name[at]) != IsLetter(name[at - 1])
                || (char.IsUpper(name[at]) && (char.IsLower(name[at - 1]) || (at + 1 < name.Length && char.IsLower(name[at + 1]))));
            if (!ends) continue;
            yield return name[start..at];
            start = at;
        }
    }

    private static bool IsLetter(char one) => char.IsLetterOrDigit(one) || one is '@' or '$' or '!';
}
