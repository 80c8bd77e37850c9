using FaceCloud.Standalone.Commands;

return await FaceCloudCommand.Create().Parse(args).InvokeAsync();
