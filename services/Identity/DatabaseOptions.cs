namespace FaceCloud.Identity;

/// <summary>Section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>False: nobody is enrolled or recognised; recognise and database calls answer 503. Detection and embedding go on.</summary>
    public bool Enabled { get; set; } = true;
}
