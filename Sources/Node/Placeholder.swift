// Placeholder until the module lands; its owner deletes this file.
