using System.Buffers.Text;
using System.Security.Cryptography;
using FaceCloud.Contracts;
using Npgsql;

namespace FaceCloud.Gateway.Edge;

/// <summary>
/// Keys for programs that call without a person. A key is shown once, when it is made; kept is its SHA-256, which is enough for a secret of 32
/// random bytes. It is looked up at every call, so that a revoked key is refused at once by every replica.
/// </summary>
internal sealed class ApiKeys(EdgeDatabase database)
{
    private const string Prefix = "fc_";
    private const int SecretBytes = 32;

    /// <summary>Makes a key.</summary>
    /// <returns>The key itself, which nobody can tell again.</returns>
    /// <exception cref="FailureException"><see cref="Failure.Conflict"/>: there is one of that name.</exception>
    public async Task<string> CreateAsync(string name, Role role, string[]? galleries, CancellationToken cancellationToken)
    {
        var (id, secret) = (Guid.CreateVersion7(), RandomNumberGenerator.GetBytes(SecretBytes));
        await using var command = (await database.OpenAsync(cancellationToken)).CreateCommand(
            "INSERT INTO edge.api_keys (id, name, hash, role, galleries) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        command.Parameters.Add(new NpgsqlParameter { Value = SHA256.HashData(secret) });
        command.Parameters.Add(new NpgsqlParameter { Value = role.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string[]?> { TypedValue = galleries });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1
            ? $"{Prefix}{id:n}_{Base64Url.EncodeToString(secret)}"
            : throw new FailureException(Failure.Conflict, $"There is a key '{name}' already. Revoke it first, or take another name.");
    }

    /// <summary>Whose key it is; null if it is none, or was revoked.</summary>
    public async Task<ApiKey?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) || key[Prefix.Length..].Split('_', 2) is not [var idText, var secretText]
            || !Guid.TryParseExact(idText, "n", out var id) || !Base64Url.IsValid(secretText, out var length) || length != SecretBytes)
        {
            return null;
        }

        await using var command = (await database.OpenAsync(cancellationToken)).CreateCommand(
            "SELECT name, role, galleries, created_at, hash FROM edge.api_keys WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var hash = SHA256.HashData(Base64Url.DecodeFromChars(secretText));
        return CryptographicOperations.FixedTimeEquals(hash, reader.GetFieldValue<byte[]>(4)) ? Read(reader) : null;
    }

    /// <summary>All of them, without their secrets.</summary>
    public async Task<List<ApiKey>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = (await database.OpenAsync(cancellationToken)).CreateCommand(
            "SELECT name, role, galleries, created_at FROM edge.api_keys ORDER BY name");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = new List<ApiKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            keys.Add(Read(reader));
        }

        return keys;
    }

    /// <returns>False if there is none of that name.</returns>
    public async Task<bool> RevokeAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = (await database.OpenAsync(cancellationToken)).CreateCommand("DELETE FROM edge.api_keys WHERE name = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static ApiKey Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), Enum.Parse<Role>(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetFieldValue<string[]>(2), reader.GetDateTime(3));
}

/// <param name="Name">What its owner calls it, and what the ledger says of what is done with it.</param>
/// <param name="Role">What may be done with it.</param>
/// <param name="Galleries">The galleries it is for; null for all.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record ApiKey(string Name, Role Role, string[]? Galleries, DateTime CreatedAt);
