import { slowReaderTests } from "./slow-reader.ts";

slowReaderTests("node");
