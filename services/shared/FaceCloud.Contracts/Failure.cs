namespace FaceCloud.Contracts;

/// <summary>
/// The ways in which a request can fail, for every dialect. What status and body each becomes is one table: <c>ServiceDefaults/Errors/Dialect.cs</c>.
/// </summary>
public enum Failure
{
    /// <summary>The body is not what it should be: no JSON, a wrong type, a missing field.</summary>
    Malformed,

    /// <summary>A well-formed value is not acceptable: out of range, unknown, contradictory.</summary>
    InvalidRequest,

    /// <summary>The image is empty, of another type, or does not decode.</summary>
    InvalidImage,

    /// <summary>The body or the image is larger than allowed.</summary>
    TooLarge,

    /// <summary>The image holds no face where one is needed.</summary>
    NoFace,

    /// <summary>Nobody said who is asking, or with credentials that are not valid.</summary>
    Unauthenticated,

    /// <summary>Who is asking may not do this.</summary>
    Forbidden,

    /// <summary>Who is asking has asked too often.</summary>
    RateLimited,

    /// <summary>No such thing, or no such route.</summary>
    NotFound,

    /// <summary>The route exists, but not for this verb.</summary>
    MethodNotAllowed,

    /// <summary>The change contradicts what is there.</summary>
    Conflict,

    /// <summary>Nobody is enrolled.</summary>
    InsufficientData,

    /// <summary>The work queue is full; try again shortly.</summary>
    Busy,

    /// <summary>A backing service is down or switched off.</summary>
    Unavailable,

    /// <summary>A fault of ours.</summary>
    Internal,
}

/// <summary>
/// A request that cannot be answered, with a sentence its sender can act on. Thrown where it is noticed, turned into the dialect's
/// own form in one place; it crosses process boundaries unchanged.
/// </summary>
public sealed class FailureException(Failure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure this is.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>Further facts for dialects that carry them (<c>face_id</c>, <c>current_person</c>).</summary>
    public IReadOnlyDictionary<string, object?>? Details { get; init; }
}
