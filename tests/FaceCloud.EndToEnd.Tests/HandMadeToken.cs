using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>JSON Web Tokens made by hand, right ones and wrong ones.</summary>
internal sealed record HandMadeToken
{
    public string Algorithm { get; init; } = "HS256";

    public string? KeyId { get; init; }

    public string Issuer { get; init; } = "facecloud";

    public string Audience { get; init; } = "facecloud";

    public string Subject { get; init; } = "anna";

    public string? Role { get; init; } = "viewer";

    public DateTimeOffset Expires { get; init; } = DateTimeOffset.UtcNow.AddHours(1);

    public string Sign(Func<byte[], byte[]> sign)
    {
        var header = Part(new { alg = Algorithm, typ = "JWT", kid = KeyId });
        var body = Part(new
        {
            iss = Issuer,
            aud = Audience,
            sub = Subject,
            role = Role,
            exp = Expires.ToUnixTimeSeconds(),
            iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60
        });
        return $"{header}.{body}.{Base64Url.EncodeToString(sign(System.Text.Encoding.ASCII.GetBytes($"{header}.{body}")))}";
    }

    public string SignWith(byte[] secret) => Sign(data => HMACSHA256.HashData(secret, data));

    public string SignWith(RSA key) => Sign(data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    private static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value, Options));

    private static readonly JsonSerializerOptions Options = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull
    };
}
