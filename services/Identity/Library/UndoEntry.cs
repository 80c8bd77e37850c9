using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.ServiceDefaults;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FaceCloud.Identity.Library;

/// <summary><c>POST /api/history/{entryId}/undo</c>, with or without a body.</summary>
internal static class UndoEntry
{
    [Fails(Failure.Conflict)]
    public static async Task<Ok<Response>> HandleAsync(
        long entryId, HttpRequest http, LedgerUndo undo, Ledger ledger, IdentityDb db, CancellationToken cancellationToken)
    {
        var gallery = GalleryName.Of(http);
        var reason = http.ContentType is null ? null : (await JsonBody.ReadAsync<Request>(http, cancellationToken)).Reason;
        await undo.UndoAsync(gallery, LibraryApi.Dialect, entryId, Require.Text(reason, "reason"), cancellationToken);
        var written = ledger.LastEntryId;
        var entries = await EntryBody.ListAsync(
            db, db.Ledger.Where(entry => entry.Id == written), db.LedgerChanges.Where(change => change.EntryId == written), null, cancellationToken);
        return TypedResults.Ok(new Response(true, "Entry undone successfully", entries[0]));
    }

    /// <param name="Reason">Why; kept in the history.</param>
    internal sealed record Request(string? Reason);

    /// <param name="Success">True.</param>
    /// <param name="Message">For the user.</param>
    /// <param name="Entry">The undo, an entry itself, which can be undone.</param>
    internal sealed record Response(bool Success, string Message, EntryBody Entry);
}
