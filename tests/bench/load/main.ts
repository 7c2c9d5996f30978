import { type Command, perform } from "./commands.ts";

/** The generator's process: does what the driver says, one thing after another, and answers with what it cost. */
process.on("message", (command: Command) => {
  void perform(command).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.once("disconnect", () => process.exit());
process.send?.({ result: [] });
