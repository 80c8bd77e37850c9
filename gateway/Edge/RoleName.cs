using FaceCloud.Contracts;

namespace FaceCloud.Gateway.Edge;

/// <summary>A role as requests name it.</summary>
internal static class RoleName
{
    /// <exception cref="FailureException"><see cref="Failure.InvalidRequest"/>.</exception>
    public static Role Require(string? text) =>
        Enum.GetNames<Role>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<Role>(known)
            : throw new FailureException(Failure.InvalidRequest, "The role must be viewer, photographer or admin.");
}
