namespace FaceCloud.Standalone;

/// <summary>Where the program listens when nobody says: this machine only, so that nobody has to be asked who they are.</summary>
internal static class DefaultAddress
{
    private const string Address = "http://localhost:8000";

    /// <summary>Whatever names an address wins: <c>--urls</c>, <c>ASPNETCORE_URLS</c>, <c>ASPNETCORE_HTTP_PORTS</c>, <c>Kestrel:Endpoints</c>.</summary>
    public static void Apply(ConfigurationManager configuration)
    {
        string[] keys = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        if (keys.All(key => string.IsNullOrEmpty(configuration[key])) && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            configuration[WebHostDefaults.ServerUrlsKey] = Address;
        }
    }
}
