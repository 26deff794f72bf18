// SPDX-License-Identifier: Apache-2.0
//
// Lockstep for other languages: methods by name, parameters as JSON, arrays as pointer, shape, strides and type.
//
// Objects. All functions give and take one opaque type. What an object is (a context, rows, a model, values of rows, a stream) follows
// from the function that made it. Every object that a function returns is the caller's, who gives it back with lockstep_release;
// an object that others were made from may go before them.
//
// Errors. A function that can fail takes `char **error` last. If it fails it returns NULL (or -1), and puts there a JSON object
//     {"code": "shapeMismatch", "message": ..., "remedy": ..., "place": {"file", "line", "row", "column", "columnName"},
//      "rank": ..., "cause": ..., "description": "the whole in one line"}
// of which all but code, message and description may be missing. The caller frees it with lockstep_free. `error` may be NULL.
// Wrong input never ends the process.
//
// Collectives. Functions that take a context are collective where they say so: all its ranks call them in the same order; if one
// rank fails inside, all of them return the same error.
//
// Threads. Calls may come from any thread, one at a time for each object and each context.
//
// Ctrl-C. While a function that computes runs on the main thread, SIGINT stops it within moments with the code "cancelled", and then
// reaches the handler that the program had installed. lockstep_cancel does the same from anywhere.
#ifndef LOCKSTEP_H
#define LOCKSTEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#define LOCKSTEP_NULLABLE _Nullable
#define LOCKSTEP_NONNULL _Nonnull
#else
#define LOCKSTEP_NULLABLE
#define LOCKSTEP_NONNULL
#endif

/// The version of this interface: raised when a function changes its meaning or goes.
#define LOCKSTEP_INTERFACE 1

/// A context, rows, a model, values of rows, or a stream.
typedef struct lockstep_object lockstep_object;

/// The type of an array's elements.
enum {
  LOCKSTEP_FLOAT64 = 0,
  LOCKSTEP_FLOAT32 = 1,
  LOCKSTEP_INT64 = 2,
  LOCKSTEP_INT32 = 3,
  LOCKSTEP_INT16 = 4,
  LOCKSTEP_INT8 = 5,
  LOCKSTEP_UINT64 = 6,
  LOCKSTEP_UINT32 = 7,
  LOCKSTEP_UINT16 = 8,
  LOCKSTEP_UINT8 = 9
};

/// A matrix in the caller's memory.
typedef struct lockstep_array {
  const void *LOCKSTEP_NULLABLE data;
  int64_t row_count;
  int64_t column_count;
  /// Bytes from one row to the next, and from one column to the next; may be negative or 0.
  int64_t row_stride;
  int64_t column_stride;
  /// LOCKSTEP_FLOAT64 and so on.
  int32_t type;
} lockstep_array;

// MARK: Objects and text

/// LOCKSTEP_INTERFACE of the library.
int32_t lockstep_interface(void);
/// The release of the library, `major.minor.patch`; not to be freed.
const char *LOCKSTEP_NONNULL lockstep_version(void);
/// The commit that the library was built from, empty if that was not known then; not to be freed.
const char *LOCKSTEP_NONNULL lockstep_commit(void);
/// Gives an object back; NULL is allowed.
void lockstep_release(lockstep_object *LOCKSTEP_NULLABLE object);
/// Frees a text or bytes that a function returned; NULL is allowed.
void lockstep_free(void *LOCKSTEP_NULLABLE memory);
/// All methods as a JSON array of objects: name, summary, parameters (by name: kind, isOptional, default, help and, where they apply,
/// choices, minimum, exclusiveMinimum, maximum), targets, label and weights (none, optional or required), rowValues (predict, transform or
/// null) and rowValuesMeaning, givesProbabilities, rowOutput (what a fit gives of each row, or null), isStreamable, iterates, usesSeed,
/// verb (of the command line, or null), guide.
char *LOCKSTEP_NULLABLE lockstep_methods(char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);

// MARK: Contexts

/// This process alone. `thread_count` 0: the cores that it may use.
lockstep_object *LOCKSTEP_NULLABLE lockstep_context_solo(
    int32_t thread_count, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// All processes that a launcher started together: finds, loads and initializes MPI, or adopts it if the program has. Collective.
/// A process that was started alone gets a context of itself, without MPI. From then on, a process that ends with the exit code 0
/// waits for the others and finalizes MPI if this function initialized it, and one that ends with another ends the whole job.
lockstep_object *LOCKSTEP_NULLABLE lockstep_context_world(
    int32_t thread_count, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The processes of an MPI communicator of the program's, which is duplicated. Collective over them. `handle` points to the MPI_Comm,
/// of `handle_size` bytes. MPI must be initialized, and is never finalized.
lockstep_object *LOCKSTEP_NULLABLE lockstep_context_adopt(
    const void *LOCKSTEP_NONNULL handle, int64_t handle_size, int32_t thread_count,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
int64_t lockstep_rank(const lockstep_object *LOCKSTEP_NONNULL context);
int64_t lockstep_size(const lockstep_object *LOCKSTEP_NONNULL context);
int64_t lockstep_thread_count(const lockstep_object *LOCKSTEP_NONNULL context);
/// Waits for all other processes of the world, and finalizes MPI if lockstep_context_world initialized it; collective. Returns 0.
int32_t lockstep_finish(char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// What a caller does before a collective call that it may fail to get to: gives what went wrong on this process, or NULL if nothing did.
/// Collective; returns 0 if nothing went wrong anywhere, and otherwise the same error, with code "usage", on all ranks.
int32_t lockstep_agree(
    lockstep_object *LOCKSTEP_NONNULL context, const char *LOCKSTEP_NULLABLE trouble,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The same with words for what all processes are about to call, the method and its parameters for example: if they differ between
/// ranks, or something went wrong on one, all ranks get the error. One small exchange.
int32_t lockstep_agree_on(
    lockstep_object *LOCKSTEP_NONNULL context, const char *LOCKSTEP_NONNULL call, const char *LOCKSTEP_NULLABLE trouble,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// What an interpreter calls as it ends: waits for all other processes if MPI is the program's own, which finalizes it next. Returns 0.
int32_t lockstep_leave(char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Ends all processes of the job at once with this exit code, after what was written to standard error has been delivered. Does not
/// return.
void lockstep_abort(int32_t exit_code);
/// Makes everything that computes in this process fail with "cancelled", until lockstep_resume.
void lockstep_cancel(void);
void lockstep_resume(void);

// MARK: Rows

/// The rows of a matrix. Row after row without gaps, float64 or float32: shown where they are, and to be kept there unchanged until the
/// object, and what was made from it, is released. Anything else: copied once; float32 stays float32, integers become float64.
/// `column_names` is a JSON array, or NULL.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_dense(
    const lockstep_array *LOCKSTEP_NONNULL array, const char *LOCKSTEP_NULLABLE column_names,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Rows of arrays that lie side by side: columns of a table. Copied once; float32 if all are.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_columns(
    const lockstep_array *LOCKSTEP_NULLABLE arrays, int64_t array_count, const char *LOCKSTEP_NULLABLE column_names,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Rows of which only some entries are stored (CSR). Columns of int32 and entries of float64 or float32 without gaps are shown where they
/// are, and to be kept there unchanged until the object, and what was made from it, is released; anything else is copied once: where each row begins among the entries, one number more than rows; the
/// columns of the entries, from 0, ascending in each row; the entries.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_sparse(
    const lockstep_array *LOCKSTEP_NONNULL offsets, const lockstep_array *LOCKSTEP_NONNULL columns,
    const lockstep_array *LOCKSTEP_NONNULL values, int64_t column_count, const char *LOCKSTEP_NULLABLE column_names,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The rows of a table that comes through Arrow's C stream interface: `stream` points to a `struct ArrowArrayStream`, which is read to
/// its end and released, also if this fails. Copied once, unless a single column of lists of one size is there; float32 if all columns
/// are, otherwise float64. Missing values become NaN; dates and times seconds since 1970. Columns of texts are an error.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_arrow(
    void *LOCKSTEP_NONNULL stream, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Rows one after the other, in as many pieces as they have come in; nothing is copied.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_chained(
    const lockstep_object *LOCKSTEP_NULLABLE const *LOCKSTEP_NONNULL pieces, int64_t piece_count,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// This process's share of files that all processes name alike; collective. `request` is JSON:
///     {"names": ["day*.csv"], "columns": [0, "price", [3, 7]], "except": [...], "targets": [...], "weights": [...], "label": [...],
///      "missing": "error" | "skip-row" | "mean" | "pairwise", "categorical": "auto" | [...], "coding": "ones" | "reference",
///      "reference": {"column": "base level"}, "encoding": ..., "columnCount": 3, "single": false, "zeroBased": false,
///      "memory": "2G", "scratch": "/fast/disk", "threads": 4,
///      "csv": {"header": "auto" | "yes" | "no", "delimiter": ";", "quotes": true, "missingWords": ["-999"], "comment": "#",
///              "skipLines": 2, "decimal": ",", "thousands": "."}}
/// where all but the names may be missing. In place of names, `"query": "SELECT …"` asks DuckDB; it reads files only if
/// `"queryReadsFiles"` is true. `"format": "csv"` refuses files of any other format. `encoding` is that of a model's description, to read new data as the model's own. Names may be
/// globs, or patterns with {rank}. A number among the columns is one from 0, a text a name, and a pair of numbers a range; "last" in place
/// of a list is the last column.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_read(
    const lockstep_object *LOCKSTEP_NONNULL context, const char *LOCKSTEP_NONNULL request,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Rows with responses, weights and labels, of as many rows; each may be NULL. Responses and weights are copied if they are not float64
/// without gaps. Labels are whole numbers; if `label_names`, a JSON array of texts, is not NULL, they are indices in it.
lockstep_object *LOCKSTEP_NULLABLE lockstep_rows_accompany(
    const lockstep_object *LOCKSTEP_NONNULL rows, const lockstep_array *LOCKSTEP_NULLABLE responses,
    const lockstep_array *LOCKSTEP_NULLABLE weights, const lockstep_array *LOCKSTEP_NULLABLE labels,
    const char *LOCKSTEP_NULLABLE label_names, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The rows of this process, or all that a model was fitted to; -1 for anything else.
int64_t lockstep_row_count(const lockstep_object *LOCKSTEP_NONNULL object);
/// The columns of rows, or those that a model was fitted to; -1 for anything else.
int64_t lockstep_column_count(const lockstep_object *LOCKSTEP_NONNULL object);
/// What is known of rows, as JSON: rowCount, columnCount, layout, columnNames, responseNames, skippedRowCount, missingCounts,
/// encoding.
char *LOCKSTEP_NULLABLE lockstep_rows_describe(
    const lockstep_object *LOCKSTEP_NONNULL rows, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// A part of the rows as float64, row after row, into `destination`, which has room for it: 0 the features, 1 the responses, 2 the
/// weights.
int32_t lockstep_rows_copy(
    const lockstep_object *LOCKSTEP_NONNULL rows, int32_t part, double *LOCKSTEP_NONNULL destination,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);

// MARK: Models

/// Fits a method to the rows of all ranks; collective. The model has the same bits on every rank. `parameters` is a JSON object, NULL for
/// all defaults. If `row_values` is not NULL, the method gives something for each of this rank's rows (clusters, rows of Q), which is
/// put there.
lockstep_object *LOCKSTEP_NULLABLE lockstep_fit(
    const lockstep_object *LOCKSTEP_NONNULL context, const char *LOCKSTEP_NONNULL method,
    const char *LOCKSTEP_NULLABLE parameters, const lockstep_object *LOCKSTEP_NONNULL rows,
    lockstep_object *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE row_values,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The same, with the progress kept in a file: the same call in a later run, on any number of ranks, goes on from there to the same bits.
/// `checkpoint` is a JSON object: `path`, and where they are to differ `every` (seconds between two writings, 180), `fresh` (whether to
/// begin anew, false) and `keep` (whether the file stays at the end, false).
lockstep_object *LOCKSTEP_NULLABLE lockstep_fit_resuming(
    const lockstep_object *LOCKSTEP_NONNULL context, const char *LOCKSTEP_NONNULL method,
    const char *LOCKSTEP_NULLABLE parameters, const lockstep_object *LOCKSTEP_NONNULL rows,
    const char *LOCKSTEP_NONNULL checkpoint, lockstep_object *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE row_values,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// What a model says of each of this rank's rows, in one array; no communication.
lockstep_object *LOCKSTEP_NULLABLE lockstep_predict(
    const lockstep_object *LOCKSTEP_NONNULL context, const lockstep_object *LOCKSTEP_NONNULL model,
    const lockstep_object *LOCKSTEP_NONNULL rows, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The logarithms of the probabilities of a classifier's classes for each of this rank's rows, rows x classes, in one array; no
/// communication.
lockstep_object *LOCKSTEP_NULLABLE lockstep_log_probabilities(
    const lockstep_object *LOCKSTEP_NONNULL context, const lockstep_object *LOCKSTEP_NONNULL model,
    const lockstep_object *LOCKSTEP_NONNULL rows, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The predicted responses of a regression with the limits of their intervals for each of this rank's rows, three numbers for each response,
/// in one array; no communication. `interval` is "confidence" (of the mean) or "prediction" (of a single new row), `confidence` how sure it
/// is, as 0.95.
lockstep_object *LOCKSTEP_NULLABLE lockstep_predict_intervals(
    const lockstep_object *LOCKSTEP_NONNULL context, const lockstep_object *LOCKSTEP_NONNULL model,
    const lockstep_object *LOCKSTEP_NONNULL rows, const char *LOCKSTEP_NONNULL interval, double confidence,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// How well a model predicts the rows of all ranks, which have their responses or labels, as a JSON object; collective. Of regressions
/// rSquared, rootMeanSquaredError and meanAbsoluteError, of classifiers classes, accuracy, logLoss, confusion, rocAUC and rocAUCError.
char *LOCKSTEP_NULLABLE lockstep_score(
    const lockstep_object *LOCKSTEP_NONNULL context, const lockstep_object *LOCKSTEP_NONNULL model,
    const lockstep_object *LOCKSTEP_NONNULL rows, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// A model that gives for each row x the products and sums `matrix` · x + `offsets`, by the kernels that all models use: the same bits
/// for a row whatever rows come with it. `offsets` may be NULL.
lockstep_object *LOCKSTEP_NULLABLE lockstep_projection(
    const lockstep_array *LOCKSTEP_NONNULL matrix, const lockstep_array *LOCKSTEP_NULLABLE offsets,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// A model that says which of these centers, the rows of a matrix, is nearest to each row.
lockstep_object *LOCKSTEP_NULLABLE lockstep_centers(
    const lockstep_array *LOCKSTEP_NONNULL centers, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// A model as JSON: the text that `lockstep -o model.json` writes.
char *LOCKSTEP_NULLABLE lockstep_model_json(
    const lockstep_object *LOCKSTEP_NONNULL model, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The model of such a text.
lockstep_object *LOCKSTEP_NULLABLE lockstep_model_from_json(
    const char *LOCKSTEP_NONNULL text, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Writes a model to a file ending in .json or .npz. Returns 0.
int32_t lockstep_model_write(
    const lockstep_object *LOCKSTEP_NONNULL model, const char *LOCKSTEP_NONNULL path,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Reads a model that was written so, or by the command.
lockstep_object *LOCKSTEP_NULLABLE lockstep_model_read(
    const char *LOCKSTEP_NONNULL path, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// What is known of a model, as JSON: method, columnCount, rowCount, columnNames, responseNames, encoding, parameters, digest, rowValues.
char *LOCKSTEP_NULLABLE lockstep_model_describe(
    const lockstep_object *LOCKSTEP_NONNULL model, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// A model as the table that the command line prints.
char *LOCKSTEP_NULLABLE lockstep_model_text(
    const lockstep_object *LOCKSTEP_NONNULL model, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);

/// A model as a page of HTML with pictures, which needs no network, script or other file.
char *LOCKSTEP_NULLABLE lockstep_model_page(
    const lockstep_object *LOCKSTEP_NONNULL model, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);

// MARK: Arrays of models and of row values

/// The arrays of a model, or of values of rows (one array, "values"), one line each: name, kind, lengths, with single spaces between:
///     centroids f 10 4
///     iterations i
/// Kinds: f float64, i int64, l int32, b int8 (0 or 1), s text. A scalar has no lengths.
char *LOCKSTEP_NULLABLE lockstep_arrays(
    const lockstep_object *LOCKSTEP_NONNULL object, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Where the elements of an array lie, if they can be looked at there for as long as the object lives; otherwise NULL, and
/// lockstep_array_copy gives them.
const void *LOCKSTEP_NULLABLE lockstep_array_address(const lockstep_object *LOCKSTEP_NONNULL object, int64_t index);
/// Copies the elements of an array, row after row, to `destination`, which has room for all. Returns 0.
int32_t lockstep_array_copy(
    const lockstep_object *LOCKSTEP_NONNULL object, int64_t index, void *LOCKSTEP_NONNULL destination,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The elements of an array of text as a JSON array.
char *LOCKSTEP_NULLABLE lockstep_array_texts(
    const lockstep_object *LOCKSTEP_NONNULL object, int64_t index,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);

// MARK: Streams

/// A sweep over rows that arrive in pieces, for methods that need one sweep. Without communication.
lockstep_object *LOCKSTEP_NULLABLE lockstep_stream(
    const char *LOCKSTEP_NONNULL method, const char *LOCKSTEP_NULLABLE parameters,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Takes in the rows that arrive next. Their categorical columns may have values that have not come up before. A failure leaves the stream
/// as it was. Returns 0.
int32_t lockstep_stream_observe(
    lockstep_object *LOCKSTEP_NONNULL stream, const lockstep_object *LOCKSTEP_NONNULL rows,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// Takes in all that another stream has seen, which comes after this one's rows. Rows that are in both are an error. Returns 0.
int32_t lockstep_stream_merge(
    lockstep_object *LOCKSTEP_NONNULL stream, const lockstep_object *LOCKSTEP_NONNULL later,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The model of all that the streams of all ranks have seen so far; collective. The stream goes on as if nobody had asked.
lockstep_object *LOCKSTEP_NULLABLE lockstep_stream_model(
    const lockstep_object *LOCKSTEP_NONNULL context, const lockstep_object *LOCKSTEP_NONNULL stream,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// What is known of a stream, as JSON: method, parameters, rowCount, columnCount, layout of rows that wait, columnNames, responseNames,
/// encoding, skippedRowCount.
char *LOCKSTEP_NULLABLE lockstep_stream_describe(
    const lockstep_object *LOCKSTEP_NONNULL stream, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The stream as bytes, and how many; freed by lockstep_free. A file of them is what `lockstep merge` takes and `--partial` writes.
void *LOCKSTEP_NULLABLE lockstep_stream_save(
    const lockstep_object *LOCKSTEP_NONNULL stream, int64_t *LOCKSTEP_NONNULL byte_count,
    char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);
/// The stream that was saved.
lockstep_object *LOCKSTEP_NULLABLE lockstep_stream_restore(
    const void *LOCKSTEP_NONNULL bytes, int64_t byte_count, char *LOCKSTEP_NULLABLE *LOCKSTEP_NULLABLE error);

#ifdef __cplusplus
}
#endif

#endif
