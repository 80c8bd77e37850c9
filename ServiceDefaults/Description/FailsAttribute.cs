using FaceCloud.Contracts;

namespace FaceCloud.ServiceDefaults.Description;

/// <summary>
/// The failures of a handler that its route and its body do not tell already, for the OpenAPI document. Those of every call need no mention: who is
/// calling, how often, what is malformed, too large or out of range, an unknown id in the path, a service that is down.
/// </summary>
/// <param name="failures">What status each becomes is the dialect's to say.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FailsAttribute(params Failure[] failures) : Attribute
{
    public IReadOnlyList<Failure> Failures { get; } = failures;
}
