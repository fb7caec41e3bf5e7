<?php

$fail = fn () => throw new RuntimeException("none");
