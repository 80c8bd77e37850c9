namespace FaceCloud.VectorSearch.Qdrant;

/// <summary>The collection or the alias that was named is not there: not yet, or no more since a rebuild ended.</summary>
internal sealed class CollectionGoneException(string message) : Exception(message);
