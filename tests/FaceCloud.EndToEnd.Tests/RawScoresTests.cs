namespace FaceCloud.EndToEnd.Tests;

/// <summary><c>Scores:Mode=Raw</c>: every dialect speaks raw cosines.</summary>
public sealed class RawScoresTests
{
    [Fact]
    public async Task Every_dialect_speaks_the_cosine()
    {
        var photos = People.WithSeveralPhotos.First(person => person.Name == "Emma_Thompson").Photos;
        using var data = new DataFolder();
        await using var facecloud = await FaceCloudProcess.StartAsync(data.Path, new Dictionary<string, string> { ["Scores__Mode"] = "Raw" });
        await facecloud.Http.AddAsync("Emma", photos[0]);

        var face = (await facecloud.Http.RecognizeAsync(photos[1]))["faces"]![0]!;
        Assert.Equal("Emma", (string?)face["identity"]);
        Assert.Equal((double)face["cosine"]!, (double)face["match_score"]!);
        Assert.Equal(0.294, (double)face["threshold"]!, 3);

        var match = (await facecloud.Http.PostedAsync("/records/match", "image", photos[1]))["best_match"]!;
        Assert.Equal((double)match["cosine"]!, (double)match["confidence"]!);
        var analysed = (await facecloud.Http.PostedAsync("/analyze", "file", photos[1]))["faces"]![0]!;
        Assert.Equal((double)analysed["cosine"]!, (double)analysed["match_score"]!);

        Assert.Equal("Unknown", DeviceClient.Largest(await facecloud.Http.RecognizeAsync(photos[1], threshold: 0.99)));
    }
}
