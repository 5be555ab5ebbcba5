"""What made the weights: data, settings and scores. The running app never imports it.

recipe   Recipe: what a task brings; train() and evaluate(), which serve all of them; start here
run      one training run: epoch after epoch, going on where it was interrupted
data     reading the data files          counts   n-gram models, which the networks must beat
scores   what is measured, and the temperature          card   the model card, written from the weight files
tag, rate, name, translate, order   a recipe each; <task>_data and <task>_scores where there is much to read or to measure
"""
