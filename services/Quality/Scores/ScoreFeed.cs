using FaceCloud.Contracts.Faces;
using FaceCloud.Contracts.Ports;
using FaceCloud.Quality.Data;
using FaceCloud.Quality.Measuring;
using Microsoft.EntityFrameworkCore;

namespace FaceCloud.Quality.Scores;

/// <summary>
/// Makes this database follow identity's, which keeps a note of each change until it is confirmed. A change is what a face is now, so it may be told
/// twice; under the lock nobody writes what is older than what is there, and what is gone stays gone.
/// </summary>
internal sealed class ScoreFeed(QualityDb db, IFaceDirectory directory, ILogger<ScoreFeed> logger)
{
    private const int Batch = 1000;

    /// <summary>Stores the oldest changes that were not stored yet.</summary>
    /// <returns>Whether there may be more.</returns>
    public async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(cancellationToken);
        var changes = await directory.ChangesAsync(Batch, cancellationToken);
        if (changes.Count == 0)
        {
            return false;
        }

        var faces = changes.DistinctBy(change => change.Face).ToList();
        var gone = faces.Where(face => face.Now is null).Select(face => face.Face).ToArray();
        await db.Faces.Where(face => gone.Contains(face.Face)).ExecuteDeleteAsync(cancellationToken);
        await StoreAsync([.. faces.Where(face => face.Now is not null).Select(face => Scored(face.Face, face.Now!))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await directory.ConfirmAsync([.. changes.Select(change => change.Id)], cancellationToken);
        return changes.Count == Batch;
    }

    /// <summary>
    /// Compares how many faces the two databases hold. Where changes on their way do not explain the difference, one of them is not what it was (an
    /// old backup, a new database): then all faces are told again.
    /// </summary>
    public async Task CompareAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockAsync(cancellationToken);
        var held = await db.Faces.LongCountAsync(cancellationToken);
        var (assessed, changes) = await directory.CountAsync(cancellationToken);
        if (Math.Abs(held - assessed) > changes)
        {
            logger.LogWarning("{Held} faces have scores here, {Assessed} in the identity service: all are told again", held, assessed);
            await db.Faces.ExecuteDeleteAsync(cancellationToken);
            await directory.TellAllAgainAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static FaceScores Scored(Guid id, AssessedFace face)
    {
        var pose = HeadPose.Of(face.Landmarks);
        return new FaceScores
        {
            Face = id,
            Album = face.Album,
            BlurScore = face.BlurScore,
            BrightnessScore = face.BrightnessScore,
            ExposureScore = face.ExposureScore,
            Confidence = face.Confidence,
            OverallQuality = new FaceQuality(face.BlurScore, face.BrightnessScore, face.Confidence).Overall,
            FaceSize = face.Box.Height,
            Yaw = pose?.Yaw,
            Pitch = pose?.Pitch,
            Roll = pose?.Roll,
            Occlusion = face.Occlusion,
        };
    }

    private Task<int> LockAsync(CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('quality', 0))", cancellationToken);

    private async Task StoreAsync(IReadOnlyList<FaceScores> faces, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. faces.Select(face => face.Face)];
        await db.Faces.Where(face => ids.Contains(face.Face)).ExecuteDeleteAsync(cancellationToken);
        db.Faces.AddRange(faces);
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }
}
