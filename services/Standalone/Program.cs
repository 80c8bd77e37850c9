using FaceCloud.Standalone.Commands;

return await CommandLine.RunAsync(args);
