using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using FaceCloud.Contracts;
using FaceCloud.Identity.Data;
using FaceCloud.Identity.Library;
using FaceCloud.ServiceDefaults.Description;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Identity.Audit;

/// <summary><c>GET /api/v1/audit</c>.</summary>
internal static class ListAudit
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    [Fails(Failure.NotFound)]
    [AnswersHeader("X-Next-Cursor", "The cursor of the next page; not there on the last one.")]
    public static async Task<Ok<Response>> HandleAsync(
        HttpContext http, IdentityDb db, string? person, string? actor, string? action, DateTimeOffset? from, DateTimeOffset? to,
        [Range(1, MaxLimit), DefaultValue(DefaultLimit)] int? limit, string? cursor, CancellationToken cancellationToken)
    {
        var most = limit is null or (>= 1 and <= MaxLimit)
            ? limit ?? DefaultLimit
            : throw new FailureException(Failure.InvalidRequest, $"The parameter limit must be from 1 to {MaxLimit}.");
        var gallery = GalleryName.Of(http.Request);
        var entries = db.Audit.AsNoTracking().Where(entry => entry.Gallery == gallery);
        if (person is not null)
        {
            var uuid = await UuidAsync(db, gallery, person, cancellationToken);
            entries = entries.Where(entry => entry.People.Contains(uuid));
        }

        var (who, what, before) = (Text(actor), Text(action), Before(cursor));
        entries = who is null ? entries : entries.Where(entry => entry.Actor == who);
        entries = what is null ? entries : entries.Where(entry => entry.Action == what);
        entries = from is { } first ? entries.Where(entry => entry.At >= first.UtcDateTime) : entries;
        entries = to is { } end ? entries.Where(entry => entry.At < end.UtcDateTime) : entries;
        entries = entries.Where(entry => entry.Id < before);

        var page = await entries.OrderByDescending(entry => entry.Id).Take(most + 1).ToListAsync(cancellationToken);
        var next = page.Count > most ? page[most - 1].Id.ToString(CultureInfo.InvariantCulture) : null;
        if (next is not null)
        {
            http.Response.Headers["X-Next-Cursor"] = next;
        }

        return TypedResults.Ok(new Response([.. page.Take(most).Select(AuditBody.Of)], next));
    }

    /// <summary>Of somebody by number or UUID; an erased person is found by the erasure's id.</summary>
    private static async Task<Guid> UuidAsync(IdentityDb db, string gallery, string person, CancellationToken cancellationToken)
    {
        var (number, uuid) = ItemId.Of(person);
        return uuid
            ?? await db.People.Where(p => p.Id == number && db.Galleries.Any(owner => owner.Id == p.GalleryId && owner.Name == gallery))
                .Select(p => (Guid?)p.Uuid).SingleOrDefaultAsync(cancellationToken)
            ?? throw ItemId.NotFound("person", person);
    }

    // What the database cannot hold matches nothing, and it would refuse the question.
    private static string? Text(string? value) => value?.Replace("\0", "\uFFFD", StringComparison.Ordinal);

    private static long Before(string? cursor) =>
        cursor is null ? long.MaxValue
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new FailureException(Failure.InvalidRequest, "The parameter cursor must be the next_cursor of an answer.");

    /// <param name="Entries">The newest first.</param>
    /// <param name="NextCursor">For the next page; null on the last one.</param>
    internal sealed record Response(AuditBody[] Entries, string? NextCursor);
}

/// <summary>An entry of the audit trail.</summary>
/// <param name="Id">Counts up.</param>
/// <param name="At">UTC, <c>yyyy-MM-ddTHH:mm:ssZ</c>.</param>
/// <param name="Actor">Who: the subject of a token, <c>key:</c> and the name of an API key, <c>anonymous</c>, or <c>pipeline</c>.</param>
/// <param name="Dialect">Through which API.</param>
/// <param name="Action">What was done.</param>
/// <param name="PersonCount">How many people it was about.</param>
/// <param name="People">The first hundred of them; an erasure's id stands for somebody erased.</param>
/// <param name="FaceCount">How many stored faces it was about.</param>
/// <param name="Faces">The first hundred of them.</param>
/// <param name="TraceId">The request's.</param>
internal sealed record AuditBody(
    long Id, string At, string Actor, string Dialect, string Action, int PersonCount, Guid[] People, int FaceCount, Guid[] Faces, string? TraceId)
{
    private const int MaxSubjects = 100;

    public static AuditBody Of(AuditEntry entry) => new(
        entry.Id, ImageBody.Time(entry.At), entry.Actor, entry.Dialect, entry.Action,
        entry.People.Length, [.. entry.People.Take(MaxSubjects)], entry.Faces.Length, [.. entry.Faces.Take(MaxSubjects)], entry.Trace);
}
