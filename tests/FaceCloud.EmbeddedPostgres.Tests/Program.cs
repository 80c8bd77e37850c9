using System.Net.Sockets;
using FaceCloud.EmbeddedPostgres.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Postgres = FaceCloud.EmbeddedPostgres.EmbeddedPostgres;

// The test program is its own second process: one that can be killed, or that runs as another user.
switch (args)
{
    case [SecondProcess.Own, var folder]:
        await using (await Postgres.StartAsync(new() { DataFolder = folder }, NullLogger.Instance))
        {
            Console.WriteLine("ready");
            await Console.In.ReadToEndAsync();
        }

        return 0;

    case [SecondProcess.Connect, var path]:
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
                Console.WriteLine("connected");
            }
            catch (SocketException e)
            {
                Console.WriteLine(e.SocketErrorCode);
            }
        }

        return 0;

    default:
        return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}
