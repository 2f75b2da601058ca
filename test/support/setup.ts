// Jest asks for a hundred frames. Many tests make errors by the thousand, and ten frames, as in Node, say enough.
Error.stackTraceLimit = 10;
