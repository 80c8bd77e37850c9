namespace FaceCloud.Contracts.Clients;

/// <summary>Splits lists so that no request is larger than <see cref="InternalRoutes.MaxFrame"/>, however long the list.</summary>
internal static class Portions
{
    /// <summary>Slices in order; one empty slice of an empty list, because the service has something to say to that too.</summary>
    public static IEnumerable<IReadOnlyList<T>> Of<T>(IReadOnlyList<T> list, int size) =>
        list.Count <= size ? [list] : list.Chunk(size);
}
