<?php

$length = strlen(...);
