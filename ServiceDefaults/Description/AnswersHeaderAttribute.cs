namespace FaceCloud.ServiceDefaults.Description;

/// <summary>A header of a handler's successful answers, for the OpenAPI document.</summary>
/// <param name="name">The header's.</param>
/// <param name="description">What it says, and when it is there.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class AnswersHeaderAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;
}
