/**
 * Which kinds of job have one to do? A worker asks for every kind at once, and again with each nudge. All questions that come while one look is under way go
 * together into the next, so there is one statement at a time however many kinds and nudges there are. Every question is answered by a look that began after it.
 */
export interface Question {
  readonly name: string
  /** Due until then. */
  readonly nextScanAt: Date
  /** A lock older than this belongs to a worker that died. */
  readonly lockDeadline: Date
}
interface Batch {
  readonly questions: Question[]
  readonly answer: Promise<Set<string>>
}

export class DueKinds {
  private next: Batch | undefined
  private last: Promise<unknown> = Promise.resolve()
  /** `look`: the names among the questions that have a job to do. */
  constructor(private readonly look: (questions: readonly Question[]) => Promise<Set<string>>) {}

  async has(question: Question): Promise<boolean> {
    const batch = (this.next ??= this.begin())
    batch.questions.push(question)
    return (await batch.answer).has(question.name)
  }

  private begin(): Batch {
    const questions: Question[] = []
    const answer = this.last.then(() => {
      this.next = undefined
      return this.look(questions)
    })
    this.last = answer.catch(() => undefined)
    return { questions, answer }
  }
}
