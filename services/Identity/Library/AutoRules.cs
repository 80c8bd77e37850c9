using FaceCloud.Identity.Data;

namespace FaceCloud.Identity.Library;

/// <summary>What becomes of a face that is like a person.</summary>
/// <param name="AssignFrom">The score from which it is theirs.</param>
/// <param name="ReviewFrom">The score from which a user is asked; not asked of a score that assigns.</param>
/// <param name="Options">Margin and quality.</param>
/// <param name="AllowSamePhoto">A person may be in a photo more than once.</param>
internal sealed record AutoRules(double AssignFrom, double ReviewFrom, AutoRecogniseOptions Options, bool AllowSamePhoto)
{
    public const string SamePhoto = "The person is in this photo already.";
    public const string Margin = "Another person is nearly as similar.";
    public const string Quality = "The face is too small or too unclear to decide without a look.";

    /// <summary>What the face says by itself.</summary>
    public AutoMatch Judge(AutoMatch match) => match switch
    {
        _ when match.Score < AssignFrom => match with { Action = match.Score >= ReviewFrom ? AutoAction.Review : AutoAction.None },
        _ when match.Face.Box.Height < Options.MinFaceHeight || match.Face.Confidence < Options.MinFaceConfidence => match.ToReview(Quality),
        _ when match.Margin < Options.MinMargin => match.ToReview(Margin),
        _ => match with { Action = AutoAction.Assign },
    };

    /// <summary>Of the faces of a photo that would be the same person, only the most similar one is, and none where the person is shown already.</summary>
    /// <param name="matches">Judged ones.</param>
    /// <param name="shown">Who is in which photo.</param>
    /// <returns>The most similar first.</returns>
    public IReadOnlyList<AutoMatch> OncePerPhoto(IEnumerable<AutoMatch> matches, IEnumerable<(long PhotoId, long PersonId)> shown)
    {
        var taken = shown.ToHashSet();
        return
        [
            .. matches.OrderByDescending(match => match.Cosine).ThenBy(match => match.Face.Id).Select(match =>
                AllowSamePhoto || match.Action != AutoAction.Assign || match.Face.PhotoId is not { } photo || taken.Add((photo, match.PersonId))
                    ? match
                    : match.ToReview(SamePhoto)),
        ];
    }
}

/// <summary>A face and the person it is most like.</summary>
/// <param name="Face">As it was looked at.</param>
/// <param name="PersonId">By the most similar of the person's faces.</param>
/// <param name="Cosine">Of the two.</param>
/// <param name="Score">Of that cosine.</param>
/// <param name="Margin">The cosine less that of the second person; null where nobody else is near.</param>
internal sealed record AutoMatch(Face Face, long PersonId, double Cosine, double Score, double? Margin)
{
    public AutoAction Action { get; init; }

    /// <summary>Why it is for review though the score would do; null where it would not.</summary>
    public string? Reason { get; init; }

    public AutoMatch ToReview(string reason) => this with { Action = AutoAction.Review, Reason = reason };
}

internal enum AutoAction
{
    None,
    Review,
    Assign,
}
