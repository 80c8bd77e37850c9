using FaceCloud.Contracts;

namespace FaceCloud.Identity.Library;

/// <summary>What is not there, in the words of the library dialect.</summary>
internal static class Missing
{
    public static FailureException Face(long id) => new(Failure.NotFound, "Face not found") { Details = Detail("face_id", id) };

    public static FailureException Person(long id) => new(Failure.NotFound, "Person not found") { Details = Detail("person_id", id) };

    private static Dictionary<string, object?> Detail(string name, long id) => new() { [name] = id };
}
