using Microsoft.Extensions.Caching.Memory;
using FaceCloud.ServiceDefaults;

namespace FaceCloud.Identity.Quality;

/// <summary>Keeps the pairs that were found, for ten minutes or until faces change; for each caller and question.</summary>
internal sealed class DuplicateCache(TimeProvider clock) : IDisposable
{
    private const int MaxAnswers = 1000;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = MaxAnswers });

    /// <param name="question">Who asks what.</param>
    /// <param name="state">Of the gallery's faces, before it is looked; another one than that of a kept answer drops it.</param>
    /// <param name="find">Finds the pairs.</param>
    public async Task<IReadOnlyList<Pair>> GetAsync(DuplicateQuestion question, FacesState state, Func<Task<IReadOnlyList<Pair>>> find)
    {
        if (_answers.TryGetValue<Answer>(question, out var known) && known!.State == state && clock.GetUtcNow() - known.At < Life)
        {
            return known.Pairs;
        }

        var answer = new Answer(state, clock.GetUtcNow(), await find());
        _answers.Set(question, answer, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Life });
        return answer.Pairs;
    }

    public void Dispose() => _answers.Dispose();

    private sealed record Answer(FacesState State, DateTimeOffset At, IReadOnlyList<Pair> Pairs);
}

/// <param name="GalleryId">Where.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="AlbumId">Only there.</param>
/// <param name="Threshold">As a score.</param>
/// <param name="Limit">Of pairs.</param>
internal sealed record DuplicateQuestion(long GalleryId, Caller Caller, long? AlbumId, double Threshold, int Limit);

/// <summary>Differs when a gallery's searchable faces do: one has come or gone, lies in another album, or is said to be no face.</summary>
internal sealed record FacesState(long Faces, long Digest);
