/*
 * A model: what was learnt from labelled texts, in one file (jmodel(5)), and its judgement of a
 * text. It is made by train and never changed.
 */
#ifndef STAGE_MODEL_H
#define STAGE_MODEL_H

#include "base/hash.h"
#include "stage/lexicon.h"

#define MODEL_CLASSES_MAX 4096
#define MODEL_FEATURES_MAX LEXICON_MAX
#define MODEL_FILE_MAX ((size_t)1 << 28)
#define MODEL_NONE SIZE_MAX
#define MODEL_LINE 64 /* bytes of a line of the processor's cache */

struct word_rows; /* stage/word_rows.h */

struct model {
	char *ontology, *version;	  /* NULL: it was trained without one */
	unsigned char content[HASH_SIZE]; /* of the ontology: model_content; zero without one */
	char **labels; /* of the classes; the last is NULL where there is one for what is out of
			  scope */
	size_t class_n;
	/* How scores become probabilities: in proportion to exp(slope * score), where to be of no
	 * class at all has the score `none`. */
	double slope, none;
	double threshold; /* the probability below which it abstains */
	double precision; /* that the threshold was chosen for */
	/* Of texts that it had not learnt from. */
	size_t held_out;
	double accuracy, calibration_error;
	struct lexicon lexicon;
	float *bias;
	int8_t *weights; /* of each feature, a class beside the other, `stride` a feature */
	size_t stride;
	float unit;	/* what makes the largest scale 32767 */
	float run_unit; /* and the largest scale times rarity */
	int32_t *sums;	/* of the text at hand, by class: words and pairs */
	int64_t *runs;	/* and runs */
	float *scores;	/* the same as probabilities */
	struct word_rows *word_rows;
	struct features features;
};

/* A judgement of a text. */
struct judged {
	size_t best, second; /* classes, MODEL_NONE where there is none */
	double p, p_second;  /* how likely they are */
	bool sure;	     /* best is in scope, and p is not below the threshold */
};

/* NULL and "path: reason": not there, damaged, of another version. Free with model_free. */
struct model *model_read(const char *path, struct buf *err);
/* The same of bytes without the digest that ends a file. */
struct model *model_parse(struct str bytes, struct buf *err);
/* Appends the file's bytes; what model_parse gave gives the same again. */
void model_put(struct buf *out, const struct model *m);
/* Adds the digest that ends a file. */
void model_seal(struct buf *bytes);
void model_free(struct model *m); /* NULL is allowed */
/* Makes room for the weights of as many classes and features as it has. */
void model_room(struct model *m);
/* After the weights have been set. */
void model_settle(struct model *m);
/* Takes what linear_train gave, for as many features as the lexicon has, rounded to a byte each. */
void model_set_weights(struct model *m, const float *weights);
/* words: as text_words gives them; borrowed until the next call. */
struct judged model_judge(struct model *m, struct str words);
/* Whether the word stood in a text that it learnt from; m: a model. */
bool model_knows(const void *m, struct str word);
/* How much a word of the text judged last speaks for one class and against the other, if any. */
double model_word(struct model *m, size_t word, size_t one, size_t other);

#endif
