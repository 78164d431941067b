import Node
import Primitives
import Views

/// `opal views rebuild`: the read models, made anew from the log.
let viewsCommand = Command(
  name: "views", summary: "make every view anew from the log, and compare it with what was there",
  operands: "rebuild|compare",
  details: """
    The views are a cache: everything in them follows from the log. 'rebuild' applies the whole log
    again, comparing each row, writes all views anew and puts them in the place of the old ones;
    'compare' leaves those. Both print a digest for each view, and whether the one that was there is
    equal to it, row for row; 'compare' has the exit code 1 if one is not.
    """,
  example: "opal views rebuild --datadir .opal/demo",
  options: [.init("--datadir", value: "PATH", help: "where the log is (.opal/demo)")]
) { arguments throws(Failure) in
  guard arguments.operands.count == 1, let word = arguments.operands.first,
    ["rebuild", "compare"].contains(word)
  else { throw .usage("say 'rebuild' or 'compare'") }
  let directory = DataDirectory(path: try arguments.value("--datadir") ?? ".opal/demo")
  let result: ViewRebuild
  do throws(NodeError) {
    result = try ViewRebuild.run(directory, keeps: word == "compare") { progress in
      let percent = progress.events * 100 / max(1, progress.lastSequence)
      Terminal.progress(
        "event \(progress.events) of \(progress.lastSequence) (\(percent) %)")
    }
  } catch {
    Terminal.endProgress()
    throw .failed(error.message)
  }
  Terminal.endProgress()
  var differs = false
  for line in result.lines {
    let verdict =
      line.found == nil ? "was not there" : line.isEqual ? "equal to what was there" : "DIFFERED"
    differs = differs || !line.isEqual
    let name = line.made.name + String(repeating: " ", count: max(1, 13 - line.made.name.count))
    Terminal.say(
      "\(name)\(line.made.digest.hexadecimal) \(line.made.rowCount) rows, \(verdict)")
  }
  Terminal.say("\(result.events) events")
  return word == "compare" && differs ? 1 : 0
}
