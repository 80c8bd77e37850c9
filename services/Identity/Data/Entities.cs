using FaceCloud.Contracts.Faces;

namespace FaceCloud.Identity.Data;

/// <summary>A tenant: nothing of one gallery is seen from another.</summary>
internal sealed class Gallery
{
    public long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The <see cref="Face.EmbeddingIndex"/> of the next enrolment.</summary>
    public long NextEmbeddingIndex { get; init; }

    public DateTime CreatedAt { get; init; }
}

/// <summary>Somebody with a name, unique within the gallery.</summary>
internal sealed class Person
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public required string Name { get; set; }

    /// <summary>The analytics dialect's id, <c>known_&lt;slug&gt;_&lt;epoch&gt;</c>; kept when the name changes.</summary>
    public required string Alias { get; init; }

    public DateTime CreatedAt { get; init; }

    public List<Face> Faces { get; } = [];
}

/// <summary>Somebody without a name whom the analytics dialect has seen and remembers.</summary>
internal sealed class Stranger
{
    public long Id { get; init; }

    public long GalleryId { get; init; }

    public DateTime FirstSeen { get; init; }

    public DateTime LastSeen { get; init; }

    /// <summary>The analytics dialect's id, <c>unknown_&lt;epoch&gt;_&lt;n&gt;</c>.</summary>
    public string Alias => $"unknown_{new DateTimeOffset(FirstSeen, TimeSpan.Zero).ToUnixTimeSeconds()}_{Id}";

    /// <summary>How many faces of analysed images were this one.</summary>
    public long DetectionCount { get; init; }

    public List<Face> Faces { get; } = [];
}

/// <summary>Faces that the analytics dialect found in one minute; statistics need no more of a sighting than that it was.</summary>
internal sealed class DetectionCount
{
    public long GalleryId { get; init; }

    /// <summary>Its start.</summary>
    public DateTime Minute { get; init; }

    public long Faces { get; init; }
}

/// <summary>Photos that belong together.</summary>
internal sealed class Album
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public required string Name { get; set; }

    /// <summary>Who made it, as <see cref="ServiceDefaults.Caller"/> names them; null where nobody was asked: it is nobody's.</summary>
    public string? Owner { get; init; }

    public DateTime CreatedAt { get; init; }
}

/// <summary>Work on photos that goes on after its request was answered; how far it is, is counted from what became of them.</summary>
internal sealed class Job
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    /// <summary>Who asked for it; null where nobody was asked.</summary>
    public string? Owner { get; init; }

    public JobKind Kind { get; init; }

    public DateTime CreatedAt { get; init; }

    /// <summary>When the first photo of a reprocessing was begun; an upload's say it themselves.</summary>
    public DateTime? StartedAt { get; init; }

    /// <summary>When somebody called it off before its end.</summary>
    public DateTime? CancelledAt { get; init; }
}

internal enum JobKind
{
    /// <summary>The photos of a request find their way by their <see cref="Photo.Status"/>.</summary>
    Upload,

    /// <summary>Photos that are in the library are looked at again, each of them a <see cref="JobItem"/>.</summary>
    Reprocess,
}

/// <summary>A photo that a job looks at again. It goes with the photo.</summary>
internal sealed class JobItem
{
    public Guid JobId { get; init; }

    public long PhotoId { get; init; }

    /// <summary>Photos of its job when that began; those of small jobs come first.</summary>
    public int Size { get; init; }

    public JobItemStatus Status { get; init; }

    /// <summary>Why it failed, in a sentence for the user.</summary>
    public string? Reason { get; init; }

    /// <summary>How often it was begun; one that ends the process each time is given up.</summary>
    public int Attempts { get; init; }

    /// <summary>Not before.</summary>
    public DateTime DueAt { get; init; }

    /// <summary>When <see cref="Status"/> became what it is.</summary>
    public DateTime ChangedAt { get; init; }
}

/// <summary>How far a photo of a job has come.</summary>
internal enum JobItemStatus
{
    /// <summary>Nothing of the photo has changed.</summary>
    Waiting,

    /// <summary>Its faces are as they were found now; who the new ones are is still to be decided.</summary>
    Stored,

    /// <summary>All is done.</summary>
    Done,

    /// <summary>The photo is as it was, see <see cref="JobItem.Reason"/>.</summary>
    Failed,

    /// <summary>The job was called off before; the photo is as it was.</summary>
    Cancelled,
}

/// <summary>A photo of the library. The same bytes are one photo of a gallery, however often they come.</summary>
internal sealed class Photo
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    /// <summary>Of the file's bytes.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>As the client named it, without folders.</summary>
    public required string Filename { get; init; }

    /// <summary>By the file's first bytes: <c>jpg</c>, <c>png</c>, ...</summary>
    public required string Extension { get; init; }

    /// <summary>Of the file.</summary>
    public long Bytes { get; init; }

    /// <summary>Pixels, after EXIF correction; null until it has been decoded.</summary>
    public int? Width { get; init; }

    /// <summary>Pixels, after EXIF correction; null until it has been decoded.</summary>
    public int? Height { get; init; }

    /// <summary>By the camera's clock, taken for UTC; null where the file does not say, or has not been decoded.</summary>
    public DateTime? TakenAt { get; init; }

    public long? AlbumId { get; init; }

    /// <summary>The upload it came with.</summary>
    public Guid? JobId { get; init; }

    public PhotoStatus Status { get; init; }

    /// <summary>Why it failed, in a sentence for the user.</summary>
    public string? Reason { get; init; }

    /// <summary>How often finding its faces was begun; one that ends the process each time is given up.</summary>
    public int Attempts { get; init; }

    /// <summary>When <see cref="Status"/> became what it is.</summary>
    public DateTime ChangedAt { get; init; }

    /// <summary>When the event that carries it on was last given to the bus; null while that waits in the outbox.</summary>
    public DateTime? PublishedAt { get; init; }

    public DateTime CreatedAt { get; init; }

    public List<Face> Faces { get; } = [];
}

/// <summary>How far a photo has come.</summary>
internal enum PhotoStatus
{
    /// <summary>Its file is in the store.</summary>
    Stored,

    /// <summary>Its faces, their crops and embeddings are stored.</summary>
    Detected,

    /// <summary>Its faces are found by searches.</summary>
    Indexed,

    /// <summary>All is done.</summary>
    Processed,

    /// <summary>It was given up, see <see cref="Photo.Reason"/>.</summary>
    Failed,
}

/// <summary>A face as it was detected, and what has been decided about it.</summary>
internal sealed class Face
{
    public long Id { get; init; }

    public Guid Uuid { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    /// <summary>The photo it is in; null for one that was enrolled without keeping its photo.</summary>
    public long? PhotoId { get; init; }

    /// <summary>
    /// Orders the faces of the photo, the largest first; with the photo it names the crop's file. They count from 0, and each time the photo is looked
    /// at again from the next number on, so that a file never changes under its name.
    /// </summary>
    public int? Ordinal { get; set; }

    public long? PersonId { get; set; }

    /// <summary>How like the person's other faces it was when it was assigned, as a similarity; null where nobody compared them.</summary>
    public float? PersonConfidence { get; set; }

    /// <summary>Who said so; null without a person.</summary>
    public Assigner? AssignedBy { get; set; }

    /// <summary>Who it may be: waits for a review. Never together with <see cref="PersonId"/>.</summary>
    public long? ProposedPersonId { get; set; }

    public FaceMark Mark { get; set; }

    /// <summary>When it was last compared with the gallery's people; null if never.</summary>
    public DateTime? RecognisedAt { get; set; }

    /// <summary>Whose face it is while nobody has named it.</summary>
    public long? StrangerId { get; init; }

    /// <summary>The group of unidentified faces it is in, by the smallest id of its faces.</summary>
    public long? GroupId { get; set; }

    /// <summary>Counts the enrolments of the gallery from 0, never used again; null for a face that nobody enrolled.</summary>
    public long? EmbeddingIndex { get; set; }

    /// <summary>A JSON object that came with the enrolment, as text: jsonb would refuse some valid strings and reorder the rest.</summary>
    public string? Metadata { get; init; }

    /// <summary>Pixels of the EXIF-corrected image the face came from.</summary>
    public required FaceBox Box { get; set; }

    /// <summary>Where it is in its portrait, a file of its own, in pixels of that; null for a face without one: it is on a photo, or was only seen.</summary>
    public FaceBox? Portrait { get; init; }

    /// <summary>Five points as x, y pairs in <see cref="Landmarks"/> order, same pixels.</summary>
    public required float[] Landmarks { get; set; }

    /// <summary>The detector's score, 0 to 1.</summary>
    public float Confidence { get; set; }

    /// <summary>The detector's name in the model registry.</summary>
    public required string Detector { get; set; }

    /// <summary>Years; null where no network said.</summary>
    public float? Age { get; set; }

    /// <summary>Null where no network said.</summary>
    public Gender? Gender { get; set; }

    /// <summary>Probability, 0.5 to 1; null where no network said.</summary>
    public float? GenderConfidence { get; set; }

    /// <summary>0 (blurred) to 1 (sharp); null until it is assessed, and where no picture of it is kept.</summary>
    public float? BlurScore { get; set; }

    /// <summary>Mean luminance, 0 to 1; null likewise.</summary>
    public float? BrightnessScore { get; set; }

    /// <summary>The part of the face that is neither crushed to black nor burnt out, 0 to 1; null likewise.</summary>
    public float? ExposureScore { get; set; }

    /// <summary>What looks covered; nothing until it is assessed.</summary>
    public Occlusion Occlusion { get; set; }

    /// <summary>When it was assessed, or found to have no picture that could be; null while that is still to be done.</summary>
    public DateTime? AssessedAt { get; set; }

    /// <summary>When the photo was taken, else when it came: the order of lists, kept here so that they need no join.</summary>
    public DateTime SeenAt { get; init; }

    public DateTime CreatedAt { get; init; }

    public List<Embedding> Embeddings { get; } = [];
}

/// <summary>Who assigned a face to a person.</summary>
internal enum Assigner
{
    /// <summary>A user, in any dialect. Never changed by <see cref="Automatic"/>.</summary>
    Manual,

    /// <summary>Automatic recognition.</summary>
    Automatic,
}

/// <summary>What a user said of a face that belongs to nobody.</summary>
internal enum FaceMark
{
    None,

    /// <summary>It is no face.</summary>
    Invalid,

    /// <summary>It is somebody in the background, whom nobody will name.</summary>
    Unknown,
}

/// <summary>A user said that a face is not this person; no automatic decision ever says so again.</summary>
internal sealed class Negative
{
    public long FaceId { get; init; }

    public long PersonId { get; init; }
}

/// <summary>Something that was decided about faces or people. Entries are only ever added; an undo is one, too.</summary>
internal sealed class LedgerEntry
{
    public long Id { get; init; }

    public long GalleryId { get; init; }

    public DateTime At { get; init; }

    /// <summary>Who decided it.</summary>
    public required string Actor { get; init; }

    /// <summary>Through which dialect: <c>library</c>, <c>records</c>, ...; <c>pipeline</c> where nobody asked.</summary>
    public required string Dialect { get; init; }

    /// <summary>What was done: <c>assign</c>, <c>merge</c>, <c>undo</c>, ...</summary>
    public required string Action { get; init; }

    /// <summary>Why, in the words of who decided it.</summary>
    public string? Reason { get; init; }

    /// <summary>The entry that this one undid.</summary>
    public long? UndoesId { get; init; }

    public List<LedgerChange> Changes { get; } = [];
}

/// <summary>One thing that an entry changed, as it was before and as it was after: undoing it means to put back the first where the second still is.</summary>
internal sealed class LedgerChange
{
    public long EntryId { get; init; }

    /// <summary>Counts the entry's changes from 0.</summary>
    public int Ordinal { get; init; }

    /// <summary>The face whose state or negative it is; null for a person.</summary>
    public long? FaceId { get; init; }

    /// <summary>The person, or with a face the negative of both; null for a face's state.</summary>
    public long? PersonId { get; init; }

    /// <summary>JSON; null for what was not there.</summary>
    public string? Before { get; init; }

    /// <summary>JSON; null for what is no longer there.</summary>
    public string? After { get; init; }
}

/// <summary>
/// That somebody looked somebody up, or enrolled, changed, exported or deleted them: who, whom, when, never what they look like. The database itself
/// refuses to change or delete entries, but for what has to be forgotten: see <see cref="Audit.AuditTrail"/>.
/// </summary>
internal sealed class AuditEntry
{
    public long Id { get; init; }

    public DateTime At { get; init; }

    /// <summary>Who, as the edge found out; <c>pipeline</c> where nobody asked.</summary>
    public required string Actor { get; init; }

    /// <summary>Through which dialect: <c>library</c>, <c>records</c>, ...</summary>
    public required string Dialect { get; init; }

    /// <summary><c>lookup</c>, <c>enrol</c>, <c>export</c>, <c>delete</c>, <c>erase</c>, or what a decision was called.</summary>
    public required string Action { get; init; }

    /// <summary>By its name: a look-up makes none.</summary>
    public required string Gallery { get; init; }

    /// <summary>The people it was about, of a look-up those who were named; instead of one who was erased, the id of the erasure.</summary>
    public required Guid[] People { get; init; }

    /// <summary>The stored faces it was about.</summary>
    public required Guid[] Faces { get; init; }

    /// <summary>The trace id of the request; null where there was none.</summary>
    public string? Trace { get; init; }
}

/// <summary>Somebody was erased: what went, by numbers that lead nowhere any more. It holds no name, and no id that a client knew the person by.</summary>
internal sealed class Erasure
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public long GalleryId { get; init; }

    public DateTime ErasedAt { get; init; }

    /// <summary>When the last copy was gone; null until then.</summary>
    public DateTime? CompletedAt { get; init; }

    /// <summary>Those that belonged to the person, and those that were kept of strangers like them.</summary>
    public required long[] Faces { get; init; }

    /// <summary>Keys in the file store that are still to be deleted; empty once it is complete.</summary>
    public required string[] Files { get; init; }

    /// <summary>UUIDs of the faces that the quality service may still have scores of; empty once it is complete.</summary>
    public required Guid[] ScoredFaces { get; init; }

    /// <summary>Photos that show the person and are kept.</summary>
    public required long[] Photos { get; init; }

    /// <summary>Strangers like the person.</summary>
    public required long[] Strangers { get; init; }

    /// <summary>The person, and those who were merged into them.</summary>
    public int People { get; init; }

    /// <summary>Rows with vectors, each in the index, too.</summary>
    public int Embeddings { get; init; }

    /// <summary>Files with pictures of the faces.</summary>
    public int Pictures { get; init; }

    /// <summary>Faces that the quality service had scores of.</summary>
    public int Scores { get; init; }

    /// <summary>What was remembered of faces not to be the person, or of the person's faces not to be somebody.</summary>
    public int Denials { get; init; }

    /// <summary>Likenesses with other faces.</summary>
    public int Links { get; init; }

    /// <summary>Changes that the ledger had of the person and the faces.</summary>
    public int HistoryChanges { get; init; }

    /// <summary>Entries of the audit trail that name the erasure instead of the person now.</summary>
    public int AuditEntries { get; init; }
}

/// <summary>Where on a photo a face of somebody erased was: whatever is found there again is not stored.</summary>
internal sealed class ErasedPlace
{
    public long Id { get; init; }

    public long PhotoId { get; init; }

    /// <summary>Pixels of the EXIF-corrected image.</summary>
    public required FaceBox Box { get; init; }
}

/// <summary>Two faces that are alike, the smaller id first: the edges that groups are made of.</summary>
internal sealed class FaceLink
{
    public required string Recogniser { get; init; }

    public long FaceA { get; init; }

    public long FaceB { get; init; }

    public float Cosine { get; init; }
}

/// <summary>Unidentified faces that are probably one person.</summary>
internal sealed class FaceGroup
{
    /// <summary>The smallest id of its faces.</summary>
    public long Id { get; init; }

    public long GalleryId { get; init; }

    /// <summary>How many.</summary>
    public int Faces { get; init; }

    /// <summary>Mean cosine of its pairs.</summary>
    public float Cohesion { get; init; }
}

/// <summary>A face whose group has to be looked at again: it is new, gone, or somebody decided who it is.</summary>
internal sealed class GroupChange
{
    public long FaceId { get; init; }

    public long GalleryId { get; init; }
}

/// <summary>An event that waits to be published; written in the transaction of the change it tells of.</summary>
internal sealed class OutboxMessage
{
    public long Id { get; init; }

    /// <summary>The event's type name in <c>FaceCloud.Contracts.Events</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The event as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>The span that the event was written in, as a <c>traceparent</c>: publishing goes on with its trace. Null where none is recorded.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The photo it carries on; null for an event that is no step of a photo's way.</summary>
    public long? PhotoId { get; init; }

    public DateTime CreatedAt { get; init; }
}

/// <summary>
/// A file that has no row any more, or none yet: noted in the transaction that removes the row, and before a file is written whose row comes
/// later. Whatever is due is deleted, however the process ended.
/// </summary>
internal sealed class FileRemoval
{
    /// <summary>Of the file; ends with <c>/</c> for all below it.</summary>
    public required string Key { get; init; }

    public DateTime DueAt { get; init; }
}

/// <summary>What one recogniser says of a face. Apart from <see cref="Face"/> so that a gallery can be re-embedded while the old vectors still serve.</summary>
internal sealed class Embedding
{
    public long FaceId { get; init; }

    /// <summary>The recogniser's name in the model registry.</summary>
    public required string Recogniser { get; init; }

    /// <summary>Unit vector.</summary>
    public required float[] Vector { get; set; }

    /// <summary>
    /// The recogniser was changed and this face could not be embedded with the new one. It is compared with nothing, and no start is refused for it.
    /// </summary>
    public bool LeftBehind { get; set; }

    /// <summary>
    /// All faces that were there when this one was last searched for, and are more like it than this cosine, are linked to it; null until it was searched for.
    /// </summary>
    public float? LinkedFrom { get; set; }
}

/// <summary>
/// A face of which the quality service may know another state than this database: noted in the transaction that changes it, removed when the service
/// has followed.
/// </summary>
internal sealed class QualityChange
{
    public long Id { get; init; }

    /// <summary>It may be gone.</summary>
    public Guid FaceUuid { get; init; }
}

/// <summary>
/// A face whose entry in the vector index may differ from this database: written in the transaction that changes the face, removed when the
/// index has followed. One row per face and recogniser however often it changes.
/// </summary>
internal sealed class IndexChange
{
    public long FaceId { get; init; }

    public required string Recogniser { get; init; }

    public DateTime ChangedAt { get; init; }
}
