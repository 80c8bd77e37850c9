using System.Security.Cryptography;
using FaceCloud.Inference;

namespace FaceCloud.Standalone.Commands.Models;

/// <summary>What lies in the models folder under the name of a network's file.</summary>
internal enum PresentFile
{
    Absent,
    Right,
    Wrong,
}

/// <summary>Looks at files of networks.</summary>
internal static class PresentFiles
{
    public static async Task<PresentFile> OfAsync(string folder, ModelDescription model, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, model.File.Name);
        return !File.Exists(path) ? PresentFile.Absent
            : await HashAsync(path, cancellationToken) == model.File.Sha256 ? PresentFile.Right
            : PresentFile.Wrong;
    }

    /// <summary>SHA-256 in lower-case hexadecimal digits.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
