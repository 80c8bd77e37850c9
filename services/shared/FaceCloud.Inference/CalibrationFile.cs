using System.Text.Json;
using System.Text.Json.Serialization;
using FaceCloud.Contracts.Faces;

namespace FaceCloud.Inference;

/// <summary>A calibration of the operator's own: what <c>facecloud calibrate</c> measured of a recogniser, in <c>&lt;recogniser&gt;.json</c>.</summary>
/// <param name="Recogniser">By its name in the registry.</param>
/// <param name="C0">As <see cref="Calibration.C0"/>.</param>
/// <param name="K">As <see cref="Calibration.K"/>.</param>
/// <param name="Basis">What it was measured on, and where it is extrapolated.</param>
/// <param name="GenuinePairs">Pairs of photos of one person that were compared.</param>
/// <param name="ImpostorPairs">Pairs of photos of different people that were compared.</param>
/// <param name="MeasuredAt">When.</param>
public sealed record CalibrationFile(
    string Recogniser, double C0, double K, string Basis, long GenuinePairs, long ImpostorPairs, DateTimeOffset MeasuredAt)
{
    // A misspelt or forgotten field is an error, not a default.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.Strict,
        WriteIndented = true,
    };

    /// <summary>Where the calibration of a recogniser is.</summary>
    public static string PathIn(string folder, string recogniser) => Path.Combine(folder, recogniser + ".json");

    /// <summary>The calibration of a recogniser, or null if the folder has none.</summary>
    /// <exception cref="ModelUnavailableException">There is one that cannot be used; the message says why and what to do.</exception>
    public static CalibrationFile? ReadIfPresent(string folder, string recogniser)
    {
        var path = PathIn(folder, recogniser);
        try
        {
            var file = JsonSerializer.Deserialize<CalibrationFile>(File.ReadAllBytes(path), Json);
            return Fault(file, recogniser) is { } fault ? throw Unusable(path, fault) : file;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Writes it where <see cref="ReadIfPresent"/> looks; a reader sees the old file or the new one, whole.</summary>
    /// <returns>The path of the file.</returns>
    public string Save(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = PathIn(folder, Recogniser);
        var unfinished = path + ".tmp";
        using (var stream = File.Create(unfinished))
        {
            JsonSerializer.Serialize(stream, this, Json);
            stream.WriteByte((byte)'\n');
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        return path;
    }

    private static string? Fault(CalibrationFile? file, string recogniser) => file switch
    {
        null => "it is empty",
        _ when file.Recogniser != recogniser => $"it is of {file.Recogniser}",
        _ when !(file.C0 is > -1 and < 1) => "c0 is not between -1 and 1",
        _ when !(double.IsFinite(file.K) && file.K > 0) => "k is not positive",
        _ => null,
    };

    private static ModelUnavailableException Unusable(string path, string why, Exception? inner = null) =>
        new($"The calibration '{path}' cannot be used: {why}. Measure it anew with 'facecloud calibrate', or delete it to go back to the registry's.", inner);
}
