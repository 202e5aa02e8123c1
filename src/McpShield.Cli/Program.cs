Console.WriteLine("mcpshield");
