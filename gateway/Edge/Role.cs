namespace FaceCloud.Gateway.Edge;

/// <summary>What a caller may do; each may do what the ones before may.</summary>
internal enum Role
{
    /// <summary>Look.</summary>
    Viewer,

    /// <summary>Add, change and delete what is his.</summary>
    Photographer,

    /// <summary>Everything.</summary>
    Admin,
}
