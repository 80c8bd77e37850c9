using System.Text.Json;
using System.Text.Json.Serialization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Library;

/// <summary>An entry of the ledger.</summary>
/// <param name="Id">To undo it by.</param>
/// <param name="At">UTC, <c>yyyy-MM-ddTHH:mm:ssZ</c>.</param>
/// <param name="Actor">Who.</param>
/// <param name="Dialect">Through which API.</param>
/// <param name="Action">What was done.</param>
/// <param name="Reason">Why, in the words of who did it; null if they gave none.</param>
/// <param name="Undoes">The entry that this one undid.</param>
/// <param name="UndoneBy">The latest entry that undid this one.</param>
/// <param name="ChangeCount">How many changes it made; in the history of a face, how many to the face.</param>
/// <param name="Changes">The first hundred of them.</param>
internal sealed record EntryBody(
    long Id, string At, string Actor, string Dialect, string Action, string? Reason, long? Undoes, long? UndoneBy, int ChangeCount, ChangeBody[] Changes)
{
    private const int MaxChanges = 100;

    /// <summary>Reads entries with those of their changes that are asked for.</summary>
    /// <param name="db">Holds them.</param>
    /// <param name="entries">A page of entries, in its order.</param>
    /// <param name="related">Changes among which the undoings of the entries are found: of the same face or person.</param>
    /// <param name="shown">Which changes count; null for all.</param>
    /// <param name="cancellationToken">The client went away.</param>
    public static async Task<EntryBody[]> ListAsync(
        IdentityDb db, IQueryable<LedgerEntry> entries, IQueryable<LedgerChange> related, long? shown, CancellationToken cancellationToken)
    {
        var page = await entries.AsNoTracking().ToListAsync(cancellationToken);
        var ids = page.Select(entry => entry.Id).ToArray();
        var undone = await db.Ledger.Where(entry => ids.Contains(entry.UndoesId!.Value) && related.Any(change => change.EntryId == entry.Id))
            .GroupBy(entry => entry.UndoesId!.Value, entry => entry.Id).ToDictionaryAsync(group => group.Key, group => group.Max(), cancellationToken);

        // Those that only say whom an entry is about have nothing to show.
        var changes = db.LedgerChanges.Where(change => ids.Contains(change.EntryId) && (change.Before != null || change.After != null));
        changes = shown is { } faceId ? changes.Where(change => change.FaceId == faceId) : changes;
        var counts = await changes.GroupBy(change => change.EntryId)
            .Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        var first = (await (shown is null ? changes.Where(change => change.Ordinal < MaxChanges) : changes)
            .OrderBy(change => change.EntryId).ThenBy(change => change.Ordinal).AsNoTracking().ToListAsync(cancellationToken))
            .ToLookup(change => change.EntryId);
        return [.. page.Select(entry => new EntryBody(
            entry.Id, ImageBody.Time(entry.At), entry.Actor, entry.Dialect, entry.Action, entry.Reason, entry.UndoesId,
            undone.TryGetValue(entry.Id, out var by) ? by : null,
            counts.GetValueOrDefault(entry.Id),
            [.. first[entry.Id].Select(ChangeBody.Of)]))];
    }
}

/// <summary>What an entry changed: a face's state (<c>face_id</c>), a person (<c>person_id</c>), or that a face is not a person (both).</summary>
/// <param name="FaceId">The face.</param>
/// <param name="PersonId">The person.</param>
/// <param name="Before">Null for what was not there.</param>
/// <param name="After">Null for what is no longer there.</param>
internal sealed record ChangeBody(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? FaceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? PersonId,
    JsonElement? Before,
    JsonElement? After)
{
    public static ChangeBody Of(LedgerChange change) => new(change.FaceId, change.PersonId, Json(change.Before), Json(change.After));

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}

/// <summary>A page of a history, the newest entry first.</summary>
/// <param name="Entries">Of the page.</param>
/// <param name="Count">How many this answer holds.</param>
/// <param name="TotalCount">How many there are.</param>
internal sealed record HistoryBody(EntryBody[] Entries, int Count, [property: JsonPropertyName("totalCount")] long TotalCount)
{
    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>: no such page.</exception>
    public static async Task<HistoryBody> OfAsync(
        IdentityDb db, long galleryId, IQueryable<LedgerChange> about, long? shown, int? offset, int? limit, CancellationToken cancellationToken)
    {
        var page = Require.Page(offset, limit);
        var entries = db.Ledger.Where(entry => entry.GalleryId == galleryId && about.Any(change => change.EntryId == entry.Id));
        var bodies = await EntryBody.ListAsync(
            db, entries.OrderByDescending(entry => entry.Id).Skip(page.Offset).Take(page.Limit), about, shown, cancellationToken);
        return new HistoryBody(bodies, bodies.Length, await entries.LongCountAsync(cancellationToken));
    }
}
