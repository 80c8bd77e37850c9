namespace FaceCloud.VectorSearch.Embedded;

/// <summary>A log is wrong at a place where no crash could have left it so: its disk or another program changed it.</summary>
internal sealed class DamagedLogException(string path, long offset)
    : Exception($"{path} is damaged at byte {offset}.")
{
    /// <summary>Bytes from the start of the file.</summary>
    public long Offset { get; } = offset;
}
