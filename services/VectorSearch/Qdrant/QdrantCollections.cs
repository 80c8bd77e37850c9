using Microsoft.Extensions.Options;
using static FaceCloud.VectorSearch.Qdrant.QdrantServer;

namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>
/// Which collections hold the vectors of a recogniser. The live one is behind the alias <c>facecloud+arcface</c>; one that is being built behind
/// <c>facecloud+arcface+next</c>, so that every process sees that changes have to go there, too. What each process must know stands in Qdrant, in
/// its aliases; the names of collections mean nothing.
/// </summary>
internal sealed class QdrantCollections(QdrantServer server, IOptions<VectorSearchOptions> options)
{
    /// <summary>Of all vectors: the published APIs promise it, and every recogniser has it.</summary>
    public const int Dimension = 512;

    // Vectors on disk, and in memory their codes of a byte for each dimension: 0.6 KB a face. A search goes through the codes and reads the vectors of
    // what it found. Every search is one of a gallery, so the graph is one for each gallery ("m" is the graph over all, "payload_m" that of a tenant).
    private static readonly object Settings = new
    {
        Vectors = new { Size = Dimension, Distance = "Dot", OnDisk = true },
        QuantizationConfig = new { Scalar = new { Type = "int8", Quantile = 0.99, AlwaysRam = true } },
        HnswConfig = new { M = 0, PayloadM = 16, EfConstruct = 200 },
    };

    private static readonly (string Field, object Schema)[] Indexes =
    [
        (FacePoint.Gallery, new { Type = "keyword", IsTenant = true }),
        (FacePoint.Person, new { Type = "integer", Lookup = true, Range = false }),
        (FacePoint.Album, new { Type = "integer", Lookup = true, Range = false }),
        (FacePoint.Identified, new { Type = "bool" }),
        (FacePoint.Removed, new { Type = "bool" }),
    ];

    // The + is in no encoded name of a recogniser, so no two of these are alike.
    private string Prefix => $"{options.Value.CollectionPrefix}+";

    /// <summary>The alias of the live collection of a recogniser.</summary>
    public string Alias(string recogniser) => $"{Prefix}{RecogniserName.Encode(recogniser)}";

    public async Task<Places> FindAsync(string recogniser, CancellationToken cancellationToken)
    {
        var aliases = await server.AliasesAsync(cancellationToken);
        return new Places(aliases.GetValueOrDefault(Alias(recogniser)), aliases.GetValueOrDefault(Next(recogniser)));
    }

    /// <summary>Creates the live collection if there is none.</summary>
    public async Task<Places> EnsureAsync(string recogniser, CancellationToken cancellationToken)
    {
        var places = await FindAsync(recogniser, cancellationToken);
        if (places.Live is null)
        {
            // Several processes may be here at once: they create the same one.
            var first = $"{Alias(recogniser)}+first";
            await CreateAsync(first, cancellationToken);
            places = await FindAsync(recogniser, cancellationToken);
            if (places.Live is null)
            {
                await server.ChangeAliasesAsync([new AliasAction(Alias(recogniser), first)], cancellationToken);
                places = places with { Live = first };
            }
        }

        return places;
    }

    /// <summary>Creates a collection to which all changes go from now on, beside the live one.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> BeginAsync(string recogniser, CancellationToken cancellationToken)
    {
        var next = $"{Alias(recogniser)}+{Guid.NewGuid():n}";
        await CreateAsync(next, cancellationToken);
        var places = await FindAsync(recogniser, cancellationToken);
        await server.ChangeAliasesAsync([.. Without(Next(recogniser), places.Next), new AliasAction(Next(recogniser), next)], cancellationToken);

        // What a process that was killed left behind. One that is still building there fails at its next step, and is asked again.
        foreach (var name in await server.CollectionsAsync(cancellationToken))
        {
            if (name.StartsWith($"{Alias(recogniser)}+", StringComparison.Ordinal) && name != next && name != places.Live)
            {
                await server.DeleteCollectionAsync(name, cancellationToken);
            }
        }

        return next;
    }

    /// <summary>The collection that was built is the live one from now on; the one before is deleted.</summary>
    /// <exception cref="CollectionGoneException">Another rebuild began meanwhile.</exception>
    public async Task SwitchAsync(string recogniser, string next, CancellationToken cancellationToken)
    {
        var places = await FindAsync(recogniser, cancellationToken);
        if (places.Next != next)
        {
            throw new CollectionGoneException("Another rebuild of this index began meanwhile.");
        }

        await server.ChangeAliasesAsync(
            [
                .. Without(Next(recogniser), places.Next),
                .. Without(Alias(recogniser), places.Live),
                new AliasAction(Alias(recogniser), next),
            ],
            cancellationToken);
        if (places.Live is not null)
        {
            await server.DeleteCollectionAsync(places.Live, cancellationToken);
        }
    }

    /// <summary>Deletes a collection that will not be finished.</summary>
    public async Task AbandonAsync(string recogniser, string next, CancellationToken cancellationToken)
    {
        var places = await FindAsync(recogniser, cancellationToken);
        if (places.Live != next)
        {
            await server.ChangeAliasesAsync(Without(Next(recogniser), places.Next == next ? next : null), cancellationToken);
            await server.DeleteCollectionAsync(next, cancellationToken);
        }
    }

    /// <summary>The live collections, by recogniser.</summary>
    public async Task<IReadOnlyDictionary<string, string>> LiveAsync(CancellationToken cancellationToken) =>
        (await server.AliasesAsync(cancellationToken))
            .Where(alias => alias.Key.StartsWith(Prefix, StringComparison.Ordinal) && !alias.Key[Prefix.Length..].Contains('+', StringComparison.Ordinal))
            .ToDictionary(alias => RecogniserName.Decode(alias.Key[Prefix.Length..]), alias => alias.Value);

    private string Next(string recogniser) => $"{Alias(recogniser)}+next";

    private static AliasAction[] Without(string alias, string? collection) => collection is null ? [] : [new AliasAction(alias, null)];

    private async Task CreateAsync(string collection, CancellationToken cancellationToken)
    {
        await server.CreateCollectionAsync(collection, Settings, cancellationToken);
        foreach (var (field, schema) in Indexes)
        {
            await server.IndexPayloadAsync(collection, field, schema, cancellationToken);
        }
    }

    /// <param name="Live">The collection that is searched; null: none yet.</param>
    /// <param name="Next">The one that is being built; null: none.</param>
    internal sealed record Places(string? Live, string? Next);
}
