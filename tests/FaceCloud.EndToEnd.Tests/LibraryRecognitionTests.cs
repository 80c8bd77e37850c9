using System.Text.Json.Nodes;

namespace FaceCloud.EndToEnd.Tests;

/// <summary>The library dialect's published examples of recognition, on photos of people whose names are known.</summary>
public sealed class LibraryRecognitionTests(RunningFaceCloud facecloud) : IClassFixture<RunningFaceCloud>
{
    private const string AutoRecognised =
        """
        {"recognized":15,"processed":50,"needsConfirmation":5,"trainedPeople":10,
         "results":[{"faceId":1,"personId":5,"personName":"John Doe","confidence":0.92,"action":"auto_assigned"}],
         "confirmationNeeded":[{"faceId":2,"personId":3,"personName":"Jane Smith","confidence":0.78,"action":"needs_confirmation"}],
         "message":"Auto-recognition completed: 15 auto-assigned, 5 need confirmation from 50 processed"}
        """;

    private static (string Name, string[] Photos) Somebody => People.WithSeveralPhotos.First(person => person.Photos.Length >= 6);

    [Fact]
    public async Task Without_anybody_to_recognise_automatic_recognition_says_so()
    {
        using var http = facecloud.Gallery("library-nobody");
        await http.FaceAsync(People.SinglePhotos.First());
        await http.RefusedAsync(
            422,
            """
            {"error":"No trained people found for recognition","code":"INSUFFICIENT_DATA",
             "details":{"suggestion":"Train at least one person before running auto-recognition"}}
            """,
            HttpMethod.Post, "/api/faces/auto-recognize");
    }

    [Fact]
    public async Task Faces_that_are_surely_somebody_are_assigned_those_that_may_be_wait_for_a_review_and_strangers_stay()
    {
        using var http = facecloud.Gallery("library-auto");
        var (name, photos) = Somebody;
        var person = await http.PersonAsync(name);
        await http.OkAsync(HttpMethod.Post, "/api/faces/assign", new { faceId = await http.FaceAsync(photos[0]), personId = person });
        foreach (var photo in photos[1..6].Concat(People.SinglePhotos.Take(5)))
        {
            await http.FaceAsync(photo);
        }

        // Whatever is like enough for a proposal is assigned at that likeness, and proposed where more is asked for.
        var first = await http.OkAsync(HttpMethod.Post, "/api/faces/auto-recognize?limit=100&minConfidence=1");
        Assert.Equal((0, 1), ((int)first["recognized"]!, (int)first["trainedPeople"]!));
        var proposed = first["confirmationNeeded"]!.AsArray();
        Assert.InRange(proposed.Count, 3, 5);
        Assert.All(proposed, face => Assert.Equal((person, "needs_confirmation"), ((long)face!["personId"]!, (string?)face["action"])));

        var second = await http.OkAsync(HttpMethod.Post, "/api/faces/auto-recognize?limit=100&minConfidence=0.7");
        var assigned = second["results"]!.AsArray();
        Assert.Equal((int)second["recognized"]!, assigned.Count);
        Assert.Equal(
            $"Auto-recognition completed: {assigned.Count} auto-assigned, {second["needsConfirmation"]} need confirmation from {second["processed"]} processed",
            (string?)second["message"]);
        Assert.All(assigned, face => Assert.Equal("auto_assigned", (string?)face!["action"]));
        Assert.Equal(proposed.Count, assigned.Count + (int)second["needsConfirmation"]!);
        Assert.Equal(1 + assigned.Count, (int)(await http.OkAsync(HttpMethod.Get, $"/api/people/{person}"))["face_count"]!);

        second["confirmationNeeded"] = first["confirmationNeeded"]!.DeepClone();
        LibraryClient.AssertLike(AutoRecognised, Without(second, "margin", "cosine", "threshold", "model", "model_licence", "model_sha256", "reason"));
    }

    [Fact]
    public async Task Similar()
    {
        using var http = facecloud.Gallery("library-similar");
        var faces = new List<long>();
        foreach (var photo in Somebody.Photos[..4].Append(People.SinglePhotos.First()))
        {
            faces.Add(await http.FaceAsync(photo));
        }

        var answer = await http.OkAsync(HttpMethod.Get, $"/api/faces/{faces[0]}/similar?threshold=0.5");
        LibraryClient.AssertLike(
            """
            {"baseFace":{"id":1,"face_image_path":"/processed/faces/face_1.jpg"},
             "similarFaces":[{"id":2,"similarity_score":0.92,"face_image_path":"/processed/faces/face_2.jpg","image":{"id":101,"filename":"IMG_002.jpg"}}],
             "threshold":0.5}
            """,
            Without(answer, "cosine", "model", "model_licence", "model_sha256", "person", "date_taken", "media_url"));
        var similar = answer["similarFaces"]!.AsArray().Select(face => (long)face!["id"]!).ToList();
        Assert.NotEmpty(similar);
        Assert.Subset(faces[1..4].ToHashSet(), similar.ToHashSet());
        Assert.Equal(0.8, (double)(await http.OkAsync(HttpMethod.Get, $"/api/faces/{faces[0]}/similar"))["threshold"]!);
        await http.RefusedAsync(
            404, """{"error":"Face not found","code":"NOT_FOUND","details":{"face_id":999999}}""", HttpMethod.Get, "/api/faces/999999/similar");
    }

    /// <summary>What matches carry beyond the published answer is taken out, wherever it is, before the rest is compared.</summary>
    private static JsonNode Without(JsonNode node, params string[] names)
    {
        switch (node)
        {
            case JsonObject body:
                foreach (var name in names)
                {
                    body.Remove(name);
                }

                foreach (var (_, value) in body)
                {
                    if (value is not null)
                    {
                        Without(value, names);
                    }
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    Without(item!, names);
                }

                break;
        }

        return node;
    }
}
